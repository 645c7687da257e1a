namespace Fuser.Kernels.Ir.Math.Float32;

/// <summary>log and its kin.</summary>
internal static class Logarithm
{
    /// <summary>e ln2 + (f + f^2 p(f)), 1 + f in [2/3, 4/3): degree 10. Measured: 0.934 ulp.</summary>
    public static IrValue Log(IrBuilder b, IrValue x)
    {
        var (e, f) = Narrow.LogParts(b, x, Narrow.TwoThirds);
        var log = b.Fma(b.Mul(f, f), Narrow.LogPolynomial(b, f), f);
        return Specials(b, x, b.Fma(e, Narrow.Constant(b, Narrow.Ln2High), log));
    }

    /// <summary>With 1 + f in [sqrt(1/2), sqrt(2)) a result with e other than 0 is of another binade than log2(1 + f), whose rounding then matters little. Measured: 0.960 ulp.</summary>
    public static IrValue Log2(IrBuilder b, IrValue x)
    {
        var (e, f) = Narrow.LogParts(b, x, Narrow.SqrtHalf);
        var q = Polynomial.Horner(b, f, 0xBDE0F2DD, 0x3E3F5CBB, 0xBE440B8D, 0x3E516E3A, 0xBE75507E, 0x3E93BF64, 0xBEB8AD80, 0x3EF6384B, 0xBF38AA38, 0x32A4EF10);
        return Specials(b, x, b.Add(b.Fma(f, Narrow.Constant(b, Narrow.Log2E), b.Mul(f, q)), e));
    }

    /// <summary>e log10(2) + f log10(e) in two terms, the first product being exact: 16 bits times at most 8. 1 + f in [0.69, 1.38) keeps the sums in binades where their rest is exact. Measured: 0.943 ulp.</summary>
    public static IrValue Log10(IrBuilder b, IrValue x)
    {
        var (e, f) = Narrow.LogParts(b, x, 0x3F30A3D7);
        var log10E = Narrow.Constant(b, 0x3EDE5BD9);
        var exponentPart = b.Mul(e, Narrow.Constant(b, 0x3E9A2000));
        var high = b.Fma(f, log10E, exponentPart);
        var low = b.Fma(f, log10E, b.Sub(exponentPart, high));
        var q = Polynomial.Horner(b, f, 0xBD2916B5, 0x3D7330F0, 0xBD65E8EF, 0x3D79F943, 0xBD93E31D, 0x3DB1F6EB, 0xBDDE5E8F, 0x3E143D19, 0xBE5E5BD6, 0xB21A33AF);
        return Specials(b, x, b.Add(high, b.Fma(f, q, b.Fma(e, Narrow.Constant(b, 0x369A84FC), low))));
    }

    /// <summary>
    /// log(1 + x): 1 + x = u + lost exactly, u = 2^e (1 + f), and log(u + lost) = log(u) + h (1 - f + f^2) with h = 2^-e lost. For tiny x
    /// all of x is lost. Measured: 0.977 ulp.
    /// </summary>
    public static IrValue Log1p(IrBuilder b, IrValue x)
    {
        var one = b.Float32(1);
        var u = b.Add(x, one);
        var lost = b.Sub(x, b.Sub(u, one));
        var (field, f) = Narrow.ExponentField(b, u, Narrow.TwoThirds);

        // 2^(1 - e): 2^-e would not be a number for the largest x.
        var scale = b.FromBits(b.Sub(b.Int32(0x40000000), field), IrType.Float32);
        var h = b.Mul(b.Mul(lost, scale), b.Float32(0.5f));
        var square = b.Mul(f, f);
        var log = b.Add(f, b.Fma(square, Narrow.LogPolynomial(b, f), b.Fma(square, h, b.Fma(b.Neg(h), f, h))));
        var e = b.Convert(field, IrType.Float32);
        var result = b.Fma(e, Narrow.Constant(b, Narrow.Ln2High - (23 << 23)), log);
        var finite = b.Select(b.Lt(x, b.Infinity(x.Type)), result, x);
        var pole = b.Select(b.Eq(u, b.Float32(0)), b.Float32(float.NegativeInfinity), b.NaN(x.Type));
        return Signs.KeepZero(b, x, b.Select(b.Lt(b.Float32(0), u), finite, pole));
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
