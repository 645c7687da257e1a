namespace Fuser.Kernels.Ir.Math.Float32;

/// <summary>Signs of results.</summary>
internal static class Signs
{
    /// <summary>The argument itself where it is a zero, so that the sign of zero is kept.</summary>
    public static IrValue KeepZero(IrBuilder b, IrValue x, IrValue result) => b.Select(b.Eq(x, b.Float32(0)), x, result);

    /// <summary>A non-negative magnitude with the sign of x, for odd functions.</summary>
    public static IrValue Apply(IrBuilder b, IrValue magnitude, IrValue x) =>
        b.FromBits(b.Or(b.ToBits(magnitude), b.And(b.ToBits(x), b.SignMask(x.Type))), magnitude.Type);
}
