namespace Fuser.Kernels.Ir.Math.Float32;

/// <summary>
/// What the native float32 lowerings share: reductions by ln2 and of logarithm arguments. A result stays within 1 ulp because the
/// last addition gets an exact large term and a small one that carries all corrections. Polynomials are weighted minimax fits with float32
/// coefficients (eng/float32_polynomials.py prints them).
/// </summary>
internal static class Narrow
{
    public const ulong Ln2High = 0x3F317218;
    public const ulong Ln2Low = 0xB102E308;
    public const ulong Log2E = 0x3FB8AA3B;
    public const ulong TwoToMinus23 = 0x34000000;
    public const int TwoThirds = 0x3F2AAAAB;
    public const int SqrtHalf = 0x3F3504F3;

    private const ulong Sign = 0x80000000;

    /// <summary>1.5 * 2^23: adding it rounds to an integer, which then stands in the low bits.</summary>
    private const ulong RoundingShift = 0x4B400000;

    /// <summary>The same plus 127 and plus 254, so that exponent fields come out biased.</summary>
    private const ulong ShiftPlusBias = 0x4B40007F;
    private const ulong ShiftPlusTwoBiases = 0x4B4000FE;

    public static IrValue Constant(IrBuilder b, ulong bits) => b.Constant(IrType.Float32, bits);

    /// <summary>x limited to [low, high]; NaN passes.</summary>
    public static IrValue Clamp(IrBuilder b, IrValue x, float low, float high) => AtMost(b, b.Select(b.Lt(x, b.Float32(low)), b.Float32(low), x), high);

    /// <summary>x where it is not over the limit; NaN passes.</summary>
    public static IrValue AtMost(IrBuilder b, IrValue x, float limit) => b.Select(b.Lt(b.Float32(limit), x), b.Float32(limit), x);

    /// <summary>
    /// exp(x) = 2^k (1 + s) for |x| up to 176. The scale comes as two factors, each of about 2^(k/2), so that 2^k may be a subnormal or beyond the
    /// largest float32. s is off by at most 0.4 of the last place of 1 + s.
    /// </summary>
    public static (IrValue S, IrValue First, IrValue Second) ExpParts(IrBuilder b, IrValue x)
    {
        var (minusK, first, second) = Scales(b, x, Constant(b, Log2E));
        var s = Expm1OfRemainder(b, x, minusK, Ln2High, Ln2Low);
        return (s, first, second);
    }

    /// <summary>The same for exp(x) = (1 + s) / 2^k: the factors are those of 2^k.</summary>
    public static (IrValue S, IrValue First, IrValue Second) ExpPartsInverse(IrBuilder b, IrValue x)
    {
        var (k, first, second) = Scales(b, x, b.Neg(Constant(b, Log2E)));
        var s = Expm1OfRemainder(b, x, k, Ln2High ^ Sign, Ln2Low ^ Sign);
        return (s, first, second);
    }

    /// <summary>exp(x) = 2^k (1 + high + tail) for x in [-86, 89], with 2^(k - 1): high is exact and tail rounded once.</summary>
    public static (IrValue High, IrValue Tail, IrValue HalfScale) Expm1Parts(IrBuilder b, IrValue x)
    {
        var shift = Constant(b, ShiftPlusBias - 1);
        var shifted = b.Fma(x, Constant(b, Log2E), shift);
        var minusK = b.Sub(shift, shifted);
        var high = b.Fma(minusK, Constant(b, Ln2High), x);
        var low = b.Mul(minusK, Constant(b, Ln2Low));
        var q = Polynomial.Horner(b, high, 0x394F3707, 0x3AB69D24, 0x3C08896D, 0x3D2AAA7C, 0x3E2AAAAA, 0x3F000000);
        var tail = b.Fma(b.Mul(high, high), q, b.Fma(low, high, low));
        return (high, tail, b.FromBits(b.Shl(b.ToBits(shifted), 23), IrType.Float32));
    }

    /// <summary>k = x * factor rounded, and 2^k as two factors.</summary>
    private static (IrValue MinusK, IrValue First, IrValue Second) Scales(IrBuilder b, IrValue x, IrValue factor)
    {
        var shift = Constant(b, ShiftPlusTwoBiases);
        var shifted = b.Fma(x, factor, shift);
        var shiftedHalf = b.Fma(x, b.Mul(factor, b.Float32(0.5f)), Constant(b, ShiftPlusBias));
        var first = b.FromBits(b.Shl(b.ToBits(shiftedHalf), 23), IrType.Float32);
        var second = b.FromBits(b.Shl(b.Sub(b.ToBits(shifted), b.ToBits(shiftedHalf)), 23), IrType.Float32);
        return (b.Sub(shift, shifted), first, second);
    }

    /// <summary>
    /// exp(r) - 1 for r = x + minusK ln2 in two terms. With r = high + low, high exact: high and low + r^2 q(r), so that only their sum rounds noticeably.
    /// </summary>
    private static IrValue Expm1OfRemainder(IrBuilder b, IrValue x, IrValue minusK, ulong ln2High, ulong ln2Low)
    {
        var high = b.Fma(minusK, Constant(b, ln2High), x);
        var low = b.Mul(minusK, Constant(b, ln2Low));
        var r = b.Add(high, low);
        return b.Add(high, b.Fma(b.Mul(r, r), ExpPolynomial(b, r), low));
    }

    /// <summary>exp(x) = 2^k (1 + s) for |x| up to 87, where the result is not the dominant term: one factor, and r rounds.</summary>
    public static (IrValue S, IrValue Scale) SimpleExpParts(IrBuilder b, IrValue x)
    {
        var shift = Constant(b, ShiftPlusBias);
        var shifted = b.Fma(x, Constant(b, Log2E), shift);
        var minusK = b.Sub(shift, shifted);
        var r = b.Fma(minusK, Constant(b, Ln2Low), b.Fma(minusK, Constant(b, Ln2High), x));
        var s = b.Fma(b.Mul(r, r), ExpPolynomial(b, r), r);
        return (s, b.FromBits(b.Shl(b.ToBits(shifted), 23), IrType.Float32));
    }

    /// <summary>q of exp(r) = 1 + r + r^2 q(r) for |r| up to ln2/2: degree 4, error 0.30 * 2^-24 relative to exp(r) - 1, a third of that near -ln2/2.</summary>
    private static IrValue ExpPolynomial(IrBuilder b, IrValue r) => Polynomial.Horner(b, r, 0x3AB39405, 0x3C091606, 0x3D2AADFE, 0x3E2AAA54, 0x3EFFFFFD);

    /// <summary>
    /// x = 2^e (1 + f) for positive finite x, f exact, 1 + f in [m, 2m) for the given bits of m. Subnormals are scaled by 2^23 first.
    /// </summary>
    public static (IrValue Exponent, IrValue F) LogParts(IrBuilder b, IrValue x, int lowest)
    {
        var subnormal = b.Lt(x, Constant(b, 0x00800000));
        var (field, f) = ExponentField(b, b.Select(subnormal, b.Mul(x, b.Float32(1 << 23)), x), lowest);
        var offset = b.Select(subnormal, b.Float32(-23), b.Float32(0));
        return (b.Fma(b.Convert(field, IrType.Float32), Constant(b, TwoToMinus23), offset), f);
    }

    /// <summary>x = 2^e (1 + f) as above for a normal x. Yields e in the place of the exponent bits.</summary>
    public static (IrValue Field, IrValue F) ExponentField(IrBuilder b, IrValue x, int lowest)
    {
        var bits = b.ToBits(x);
        var field = b.And(b.Sub(bits, b.Int32(lowest)), b.Int32(unchecked((int)0xff800000)));
        return (field, b.Sub(b.FromBits(b.Sub(bits, field), IrType.Float32), b.Float32(1)));
    }

    /// <summary>log(1 + f) = f + f^2 p(f) for 1 + f in [2/3, 4/3): degree 10, relative error 0.08 * 2^-24. Yields p.</summary>
    public static IrValue LogPolynomial(IrBuilder b, IrValue f) =>
        Polynomial.Horner(b, f, 0xBE03E4A9, 0x3E0F33C6, 0xBDF99955, 0x3E0F6B31, 0xBE2ACE23, 0x3E4CE822, 0xBE7FFF7E, 0x3EAAAA83, 0xBF000000);
}
