using static Fuser.Kernels.Ir.Math.Float64.F64;

namespace Fuser.Kernels.Ir.Math.Float64;

/// <summary>
/// Logarithms: x = 2^k m with m in [sqrt(1/2), sqrt(2)), log m = 2 atanh((m - 1) / (m + 1)) in double-double, so that one rounding
/// is left: the last. k = 0 wherever the result is small, so it is relatively exact near 1 as well.
/// </summary>
internal static class Logarithm
{
    /// <summary>ln2 in two parts, the first with 11 zero bits at the end: k times it is exact.</summary>
    private static readonly double Ln2Leading = BitConverter.UInt64BitsToDouble(0x3FE62E42FEFA3800);
    private static readonly double Ln2Trailing = BitConverter.UInt64BitsToDouble(0x3D2EF35793C76730);

    private static readonly double Log2EHigh = BitConverter.UInt64BitsToDouble(0x3FF71547652B82FE);
    private static readonly double Log2ELow = BitConverter.UInt64BitsToDouble(0x3C7777D0FFDA0D24);
    private static readonly double Log10EHigh = BitConverter.UInt64BitsToDouble(0x3FDBCB7B1526E50E);
    private static readonly double Log10ELow = BitConverter.UInt64BitsToDouble(0x3C695355BAAAFAD3);

    /// <summary>log10(2) in two parts, as ln2.</summary>
    private static readonly double Log10Of2Leading = BitConverter.UInt64BitsToDouble(0x3FD34413509F7800);
    private static readonly double Log10Of2Trailing = BitConverter.UInt64BitsToDouble(0x3D1FEF311F12B358);

    private const long SqrtHalf = 0x3FE6A09E667F3BCD;
    private const long One = 0x3FF0000000000000;
    private const long MantissaMask = 0x000FFFFFFFFFFFFF;

    /// <summary>2^52 as bits: an integer below 2^52 put under it is that integer plus 2^52.</summary>
    private const long TwoTo52Bits = 0x4330000000000000;
    private const double TwoTo52 = 4503599627370496;
    private const double Bias = 1023;

    /// <summary>(2 atanh(s) - 2 s) / s^3 in z = s^2, |s| up to 0.1717, minimax; relative error of 2 atanh(s) 2^-65.6.</summary>
    private static ReadOnlySpan<ulong> AtanhTail =>
    [
        0x3FE5555555555555, 0x3FD9999999999D58, 0x3FD249249242F0BE, 0x3FCC71C725C14FA2, 0x3FC745CDB92DE4EB, 0x3FC3B215328F30BE,
        0x3FC0F4AAFC6578E2, 0x3FC101DB08370B78,
    ];

    public static IrValue Log(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var (k, m) = Split(x);
        return Specials(x, Sum(k, LogOfMantissa(m)), 0).Value;
    }

    /// <summary>Exact for powers of two: their mantissa's logarithm is 0.</summary>
    public static IrValue Log2(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var (k, m) = Split(x);
        var log = Times(LogOfMantissa(m), Log2EHigh, Log2ELow);
        var sum = DoubleDouble.OrderedSum(k, log.High);
        return Specials(x, sum.High + (sum.Low + log.Low), 0).Value;
    }

    public static IrValue Log10(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var (k, m) = Split(x);
        var log = Times(LogOfMantissa(m), Log10EHigh, Log10ELow);
        var sum = DoubleDouble.OrderedSum(k * Log10Of2Leading, log.High);
        return Specials(x, sum.High + (Fma(k, Log10Of2Trailing, sum.Low) + log.Low), 0).Value;
    }

    /// <summary>log(1 + x): 1 + x is an exact double-double.</summary>
    public static IrValue Log1p(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var (k, log) = LogParts(DoubleDouble.Sum(1, x));
        return Specials(x, Select(Abs(x) < 1.0 / (1L << 54), x, Sum(k, log)), -1).Value;
    }

    /// <summary>k ln2 + log, rounded once.</summary>
    public static F64 Sum(F64 k, DoubleDouble log)
    {
        var sum = DoubleDouble.OrderedSum(k * Ln2Leading, log.High);
        return sum.High + Fma(k, Ln2Trailing, sum.Low + log.Low);
    }

    /// <summary>k ln2 + log to about 2^-60.</summary>
    public static DoubleDouble PreciseSum(F64 k, DoubleDouble log)
    {
        var sum = DoubleDouble.OrderedSum(k * Ln2Leading, log.High);
        return DoubleDouble.OrderedSum(sum.High, Fma(k, Ln2Trailing, sum.Low + log.Low));
    }

    /// <summary>x = 2^k m for positive, normal, finite x.High (x.Low at most half its last place): k and log m.</summary>
    public static (F64 K, DoubleDouble Log) LogParts(DoubleDouble x)
    {
        var shifted = x.High.Bits + (One - SqrtHalf);
        var exponent = shifted >>> 52;
        var m = ((shifted & MantissaMask) + SqrtHalf).AsF64;
        var k = (exponent | TwoTo52Bits).AsF64 - (TwoTo52 + Bias);

        // 2^(1-k), halved again by the low part: 2^-k itself is out of range for the largest x.
        var scale = ((2047 - exponent) << 52).AsF64;
        var f = DoubleDouble.OrderedSum(m - 1, x.Low * 0.5 * scale);
        var denominator = 2 + f.High;
        return (k, TwiceAtanh(DoubleDouble.Quotient(f, new DoubleDouble(denominator, (f.High - (denominator - 2)) + f.Low)), AtanhTail));
    }

    /// <summary>2 atanh(s) for a double-double s; the polynomial is of the form of <see cref="AtanhTail"/>.</summary>
    public static DoubleDouble TwiceAtanh(DoubleDouble s, ReadOnlySpan<ulong> tail)
    {
        var z = s.High * s.High;
        var twiceLow = s.Low + s.Low;

        // The low part counts with the derivative 2 (1 + z + ...).
        return new(s.High + s.High, Fma(z, Fma(s.High, Polynomial(tail, z), twiceLow), twiceLow));
    }

    /// <summary>log m for m in [sqrt(1/2), sqrt(2)).</summary>
    private static DoubleDouble LogOfMantissa(F64 m)
    {
        var f = m - 1;
        var denominator = 2 + f;
        var denominatorLow = f - (denominator - 2);
        var inverse = 1 / denominator;
        var s = f * inverse;
        var remainder = Fma(-s, denominator, f) + (-s * denominatorLow);
        return TwiceAtanh(new DoubleDouble(s, remainder * inverse), AtanhTail);
    }

    /// <summary>k and m of any positive finite x; subnormal ones are scaled first.</summary>
    private static (F64 K, F64 M) Split(F64 x)
    {
        var subnormal = x < BitConverter.UInt64BitsToDouble(0x0010000000000000);
        var normal = Select(subnormal, x * (1L << 54), x);
        var shifted = normal.Bits + (One - SqrtHalf);
        var m = ((shifted & MantissaMask) + SqrtHalf).AsF64;
        var k = ((shifted >>> 52) | TwoTo52Bits).AsF64 - Select(subnormal, TwoTo52 + Bias + 54, TwoTo52 + Bias);
        return (k, m);
    }

    private static DoubleDouble Times(DoubleDouble a, double high, double low)
    {
        var product = a.High * high;
        return new(product, Fma(a.High, high, -product) + Fma(a.High, low, a.Low * high));
    }

    /// <summary>-infinity at the pole, NaN below it; infinity and NaN are their own logarithms.</summary>
    private static F64 Specials(F64 x, F64 result, double pole) =>
        Select(x < double.PositiveInfinity, Select(pole < x, result, Select(Same(x, pole), double.NegativeInfinity, double.NaN)), x);
}
