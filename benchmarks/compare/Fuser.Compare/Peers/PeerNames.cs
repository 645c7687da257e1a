namespace Fuser.Compare.Peers;

/// <summary>Subjects under the names of the protocol and of results.</summary>
internal static class PeerNames
{
    public const string Fuser = "fuser";
    public const string Limit = "limit";
    public const string Hand = "hand";
    public const string Memory = "memory";
    public const string Numba = "numba";
    public const string Numexpr = "numexpr";
    public const string TensorPrimitives = "tensor-primitives";
    public const string TorchEager = "torch-eager";
    public const string TorchOriginal = "torch-original";

    /// <summary>The bare loops, of which the faster is the limit.</summary>
    public static bool IsLimit(string name) => name is Limit or Memory;
}
