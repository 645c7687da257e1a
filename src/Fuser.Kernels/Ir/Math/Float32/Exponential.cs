namespace Fuser.Kernels.Ir.Math.Float32;

/// <summary>exp and its kin.</summary>
internal static class Exponential
{
    public static IrValue Exp(IrBuilder b, IrValue x) =>
        Wide.Narrow(b, Wide.Exp(b, Wide.Widen(b, Wide.Clamp(b, x, -110, 90))));

    public static IrValue Exp2(IrBuilder b, IrValue x)
    {
        var clamped = Wide.Clamp(b, x, -160, 130);
        var k = b.Round(clamped);
        var remainder = b.Mul(Wide.Widen(b, b.Sub(clamped, k)), Wide.Constant(b, Wide.Ln2));
        var shifted = b.Add(Wide.Widen(b, k), Wide.Constant(b, 0x43380000000003FF));
        var scale = b.FromBits(b.Shl(b.ToBits(shifted), 52), IrType.Float64);
        return Wide.Narrow(b, b.Fma(scale, Wide.Expm1OfRemainder(b, remainder), scale));
    }

    public static IrValue Expm1(IrBuilder b, IrValue x) =>
        Signs.KeepZero(b, x, Wide.Narrow(b, Wide.Expm1(b, Wide.Widen(b, Wide.Clamp(b, x, -110, 90)))));

    /// <summary>1 / (1 + exp(-x)).</summary>
    public static IrValue Sigmoid(IrBuilder b, IrValue x)
    {
        var one = b.Float64(1);
        var e = Wide.Exp(b, Wide.Widen(b, b.Neg(Wide.Clamp(b, x, -110, 90))));
        return Wide.Narrow(b, b.Div(one, b.Add(one, e)));
    }
}
