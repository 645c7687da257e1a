using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Targets.Simd.Lanes;

/// <summary>What one lane of a vector holds. Booleans have no lane of their own: they are masks, 0 or -1 in an integer lane.</summary>
internal enum Lane
{
    Int32,
    Int64,
    Float32,
    Float64,
}

internal static class LaneTypes
{
    public static Lane Of(IrType type) => type switch
    {
        IrType.Int32 => Lane.Int32,
        IrType.Int64 => Lane.Int64,
        IrType.Float32 => Lane.Float32,
        IrType.Float64 => Lane.Float64,
        _ => throw new InternalFuserException(ErrorCodes.Internal, "a bool is a mask and has the lane of what made it"),
    };

    public static int Size(this Lane lane) => lane is Lane.Int32 or Lane.Float32 ? 4 : 8;

    public static bool IsFloat(this Lane lane) => lane >= Lane.Float32;

    /// <summary>The integer lane of the same size: what a comparison of such lanes yields.</summary>
    public static Lane Integer(this Lane lane) => lane.Size() == 4 ? Lane.Int32 : Lane.Int64;

    public static Type ClrType(this Lane lane) => lane switch
    {
        Lane.Int32 => typeof(int),
        Lane.Int64 => typeof(long),
        Lane.Float32 => typeof(float),
        _ => typeof(double),
    };
}
