namespace Fuser.Kernels.Ir.Math.Float32;

/// <summary>log and its kin.</summary>
internal static class Logarithm
{
    public static IrValue Log(IrBuilder b, IrValue x) =>
        Specials(b, x, Wide.Narrow(b, Wide.Log(b, Wide.Widen(b, x))));

    public static IrValue Log2(IrBuilder b, IrValue x)
    {
        var (e, log) = Wide.LogParts(b, Wide.Widen(b, x));
        return Specials(b, x, Wide.Narrow(b, b.Fma(log, Wide.Constant(b, Wide.Log2E), e)));
    }

    public static IrValue Log10(IrBuilder b, IrValue x) =>
        Specials(b, x, Wide.Narrow(b, b.Mul(Wide.Log(b, Wide.Widen(b, x)), Wide.Constant(b, 0x3FDBCB7B1526E50E))));

    /// <summary>log(1 + x).</summary>
    public static IrValue Log1p(IrBuilder b, IrValue x)
    {
        var result = Wide.Narrow(b, Wide.Log1p(b, Wide.Widen(b, x)));
        var finite = b.Select(b.Lt(x, b.Infinity(x.Type)), result, x);
        var minusOne = b.Float32(-1);
        var pole = b.Select(b.Eq(x, minusOne), b.Float32(float.NegativeInfinity), b.NaN(x.Type));
        return Signs.KeepZero(b, x, b.Select(b.Lt(minusOne, x), finite, pole));
    }

    /// <summary>-inf at a zero, NaN below, +inf at +inf.</summary>
    private static IrValue Specials(IrBuilder b, IrValue x, IrValue result)
    {
        var zero = b.Float32(0);
        var finite = b.Select(b.Lt(x, b.Infinity(x.Type)), result, x);
        var pole = b.Select(b.Eq(x, zero), b.Float32(float.NegativeInfinity), b.NaN(x.Type));
        return b.Select(b.Lt(zero, x), finite, pole);
    }
}
