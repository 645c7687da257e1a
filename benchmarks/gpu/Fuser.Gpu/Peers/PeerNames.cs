namespace Fuser.Gpu.Peers;

/// <summary>What is measured, under the names of the protocol and of results.</summary>
internal static class PeerNames
{
    public const string Fuser = "fuser";
    public const string Copy = "copy";
    public const string TorchCompile = "torch-compile";
    public const string TorchEager = "torch-eager";
    public const string Jax = "jax";
    public const string Cupy = "cupy";

    /// <summary>All beside this runtime, in the order of reports.</summary>
    public static IReadOnlyList<string> Peers { get; } = [TorchCompile, TorchEager, Jax, Cupy];

    public static string Title(string name) => name switch
    {
        Fuser => "this runtime",
        Copy => "device-to-device copy",
        TorchCompile => "torch.compile",
        TorchEager => "PyTorch eager",
        Jax => "JAX",
        _ => "CuPy",
    };
}
