namespace Fuser.Kernels.Ir.Math.Float32;

/// <summary>sinh, cosh and tanh.</summary>
internal static class Hyperbolic
{
    public static IrValue Sinh(IrBuilder b, IrValue x) =>
        Signs.Apply(b, Wide.Narrow(b, Wide.CoshSinh(b, Wide.Widen(b, Limited(b, x, 100))).Sinh), x);

    public static IrValue Cosh(IrBuilder b, IrValue x) =>
        Wide.Narrow(b, Wide.CoshSinh(b, Wide.Widen(b, Limited(b, x, 100))).Cosh);

    public static IrValue Tanh(IrBuilder b, IrValue x)
    {
        var e = Wide.Expm1(b, Wide.Widen(b, b.Mul(Limited(b, x, 20), b.Float32(2))));
        return Signs.Apply(b, Wide.Narrow(b, b.Div(e, b.Add(e, b.Float64(2)))), x);
    }

    /// <summary>|x|, at most the limit; NaN passes.</summary>
    private static IrValue Limited(IrBuilder b, IrValue x, float limit)
    {
        var magnitude = b.Abs(x);
        return b.Select(b.Lt(b.Float32(limit), magnitude), b.Float32(limit), magnitude);
    }
}
