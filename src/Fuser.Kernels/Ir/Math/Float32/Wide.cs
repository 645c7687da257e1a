namespace Fuser.Kernels.Ir.Math.Float32;

/// <summary>
/// Float64 cores for functions of float32 values: good to about 2^-36, so that the one rounding back to float32 makes nearly all of
/// the error. Exponents of float32 values are far from the float64 limits, so no scaling is needed inside.
/// </summary>
internal static class Wide
{
    public const ulong Ln2 = 0x3FE62E42FEFA39EF;
    public const ulong Log2E = 0x3FF71547652B82FE;

    /// <summary>1.5 * 2^52: adding it rounds to an integer, which then stands in the low bits.</summary>
    private const ulong RoundingShift = 0x4338000000000000;

    /// <summary>The same with the exponent bias added to the integer.</summary>
    private const ulong BiasedRoundingShift = 0x43380000000003FF;

    private const ulong SqrtHalf = 0x3FE6A09E667F3BCD;

    public static IrValue Constant(IrBuilder b, ulong bits) => b.Constant(IrType.Float64, bits);

    /// <summary>x limited to [low, high]; NaN passes.</summary>
    public static IrValue Clamp(IrBuilder b, IrValue x, float low, float high)
    {
        var notLess = b.Select(b.Lt(x, b.Float32(low)), b.Float32(low), x);
        return b.Select(b.Lt(b.Float32(high), notLess), b.Float32(high), notLess);
    }

    public static IrValue Widen(IrBuilder b, IrValue x) => b.Convert(x, IrType.Float64);

    public static IrValue Narrow(IrBuilder b, IrValue x) => b.Convert(x, IrType.Float32);

    /// <summary>x = k ln2 + r with integer k and |r| at most ln2/2. Yields r and the float64 2^k.</summary>
    public static (IrValue Remainder, IrValue Scale) ReduceByLn2(IrBuilder b, IrValue x)
    {
        var shift = Constant(b, BiasedRoundingShift);
        var shifted = b.Fma(x, Constant(b, Log2E), shift);
        var k = b.Sub(shifted, shift);
        var remainder = b.Fma(k, b.Neg(Constant(b, Ln2)), x);
        return (remainder, b.FromBits(b.Shl(b.ToBits(shifted), 52), IrType.Float64));
    }

    /// <summary>exp(r) - 1 for |r| at most ln2/2, with a small relative error: r + r^2 q(r), degree 8, 2^-36.</summary>
    public static IrValue Expm1OfRemainder(IrBuilder b, IrValue r)
    {
        var q = Polynomial.Horner(b, r, 0x3EFA15A78365C5DD, 0x3F2A1518FE23670D, 0x3F56C16521F027D1, 0x3F81110C627B54DF, 0x3FA5555556F0F646, 0x3FC55555567574EF, 0x3FDFFFFFFFFFC0AD);
        return b.Fma(b.Mul(r, r), q, r);
    }

    /// <summary>exp(x) for |x| up to 700.</summary>
    public static IrValue Exp(IrBuilder b, IrValue x)
    {
        var (remainder, scale) = ReduceByLn2(b, x);
        return b.Fma(scale, Expm1OfRemainder(b, remainder), scale);
    }

    /// <summary>exp(x) - 1 for |x| up to 700; relative error small everywhere, since k = 0 wherever the result is small.</summary>
    public static IrValue Expm1(IrBuilder b, IrValue x)
    {
        var (remainder, scale) = ReduceByLn2(b, x);
        return b.Fma(scale, Expm1OfRemainder(b, remainder), b.Sub(scale, b.Float64(1)));
    }

    /// <summary>cosh(x) and sinh(x) for |x| up to 700, without division: 2^k and 2^-k times the even and odd parts of exp(r).</summary>
    public static (IrValue Cosh, IrValue Sinh) CoshSinh(IrBuilder b, IrValue x)
    {
        var (r, scale) = ReduceByLn2(b, x);
        var inverse = b.FromBits(b.Sub(b.Int64(0x7FE0000000000000), b.ToBits(scale)), IrType.Float64);
        var z = b.Mul(r, r);
        var odd = b.Fma(b.Mul(z, r), Polynomial.Horner(b, z, 0x3EC72AD567DD6C8E, 0x3F2A019C3613D9A4, 0x3F8111111170D552, 0x3FC5555555554F94), r);
        var even = b.Fma(z, Polynomial.Horner(b, z, 0x3EFA019B8A83E75F, 0x3F56C16C178AF1E3, 0x3FA5555555553CD1, 0x3FE0000000000001), b.Float64(1));
        var half = b.Float64(0.5);
        var plus = b.Mul(b.Add(scale, inverse), half);
        var minus = b.Mul(b.Sub(scale, inverse), half);
        return (b.Fma(even, plus, b.Mul(odd, minus)), b.Fma(odd, plus, b.Mul(even, minus)));
    }

    /// <summary>The exponent e of a positive x = 2^e m, m in [sqrt(1/2), sqrt(2)), as an i64.</summary>
    public static IrValue Exponent(IrBuilder b, IrValue x) => b.Sar(b.Sub(b.ToBits(x), b.Int64((long)SqrtHalf)), 52);

    /// <summary>A small i64 as float64, by bits: conversions are missing below AVX-512.</summary>
    public static IrValue FromSmallInteger(IrBuilder b, IrValue k) =>
        b.Sub(b.FromBits(b.Add(k, b.Int64((long)RoundingShift)), IrType.Float64), Constant(b, RoundingShift));

    /// <summary>log(1 + f) for 1 + f in [sqrt(1/2), sqrt(2)), with a small relative error: f + f^2 p(f), degree 14, 2^-36.</summary>
    public static IrValue Log1pOfMantissa(IrBuilder b, IrValue f)
    {
        var p = Polynomial.Horner(b, f, 0xBFAA3AA8AA59B233, 0x3FB7B8959206EE7E, 0xBFB789B6251FD4EA, 0x3FB7054535C17CD4, 0xBFB9584AE910FFD2, 0x3FBC71C973A20729, 0xBFC001AADCB083B5, 0x3FC249324936A2F8, 0xBFC5554B74A4609C, 0x3FC9999945816B69, 0xBFD000000AE65D39, 0x3FD55555558AEEEA, 0xBFDFFFFFFFFC030F);
        return b.Fma(b.Mul(f, f), p, f);
    }

    /// <summary>The exponent as float64 and log(m) of a positive, normal float64.</summary>
    public static (IrValue Exponent, IrValue LogMantissa) LogParts(IrBuilder b, IrValue x)
    {
        var e = Exponent(b, x);
        var m = b.FromBits(b.Sub(b.ToBits(x), b.Shl(e, 52)), IrType.Float64);
        return (FromSmallInteger(b, e), Log1pOfMantissa(b, b.Sub(m, b.Float64(1))));
    }

    /// <summary>log(x) for a positive, normal, finite float64.</summary>
    public static IrValue Log(IrBuilder b, IrValue x)
    {
        var (e, log) = LogParts(b, x);
        return b.Fma(e, Constant(b, Ln2), log);
    }

    /// <summary>log(1 + y) for finite y greater than -1; relative error small also where y is: f = (1 + y) 2^-e - 1 is formed from y itself.</summary>
    public static IrValue Log1p(IrBuilder b, IrValue y)
    {
        var one = b.Float64(1);
        var e = Exponent(b, b.Add(one, y));
        var scale = b.FromBits(b.Sub(b.Int64(0x3FF0000000000000), b.Shl(e, 52)), IrType.Float64);
        var f = b.Fma(y, scale, b.Sub(scale, one));
        return b.Fma(FromSmallInteger(b, e), Constant(b, Ln2), Log1pOfMantissa(b, f));
    }
}
