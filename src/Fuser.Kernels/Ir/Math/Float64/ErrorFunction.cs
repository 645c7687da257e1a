using static Fuser.Kernels.Ir.Math.Float64.F64;

namespace Fuser.Kernels.Ir.Math.Float64;

/// <summary>erf and erfc.</summary>
internal static class ErrorFunction
{
    /// <summary>erf(x)/x - 1 in z = x^2, |x| up to 0.86, minimax; error 2^-61.6.</summary>
    private static ReadOnlySpan<ulong> NearZero =>
    [
        0x3FC06EBA8214DB69, 0xBFD812746B0379E5, 0x3FBCE2F21A042A31, 0xBF9B82CE3127E4CD, 0x3F7565BCD0C52F2B, 0xBF4C02DB3807CB9C,
        0x3F1F9A3138E7ACDA, 0xBEEF4D068C21E37E, 0x3EBB9C5256A23FA2, 0xBE85DF24B3A6E099, 0x3E4E68E19EABC77E, 0xBE0E1B84824FB84D,
    ];

    /// <summary>-log(erfc(x)) on [0.86, 6], minimax with weight erfc(x); error of erf 2^-57.9.</summary>
    private static ReadOnlySpan<ulong> LogOfErfc =>
    [
        0x3E67DD7AE3A1279B, 0x3FF20DD6D050F407, 0x3FE45F3550659100, 0x3FBA4EDC0EA3E439, 0xBF939304584C476B, 0xBF2D811DA3E5EF51,
        0x3F5BF4F88E9D8007, 0xBF43330685E16284, 0x3EDA69AE63291D9C, 0x3F180D8BD828A945, 0xBF0C94B668054978, 0x3EF4D23D188C0377,
        0xBED60E94A219DD32, 0x3EB1AAA40897725A, 0xBE855F35D505A80E, 0x3E53048119522742, 0xBE178B43F522A202, 0x3DD220971FEC42E3,
        0xBD7A2587BFA18C23,
    ];

    /// <summary>erf(x)/x - 1 in z = x^2, |x| up to 1/2, minimax; error 2^-56.2 (the rounding of the first coefficient).</summary>
    private static ReadOnlySpan<ulong> NearZeroForErfc =>
    [
        0x3FC06EBA8214DB69, 0xBFD812746B037A1C, 0x3FBCE2F21A046600, 0xBF9B82CE314559E9, 0x3F7565BCD89DFAFB, 0xBF4C02DDAB0BE1CF,
        0x3F1F9AA6C90B1B50, 0xBEEF59EF0CB61097, 0x3EBC5A9653BDC4AB, 0xBE899981B75FEFB2,
    ];

    /// <summary>
    /// (1.375 + 2 x) exp(x^2) erfc(x) in t = (x - 4)/(x + 4) on [0.5, 28], minimax; error 2^-60.1. 1.375 makes it flat at the lower end, so
    /// that the rounding of t does not matter (the form is that of M. M. Shepherd and J. G. Laframboise, 1981).
    /// </summary>
    private static ReadOnlySpan<ulong> ScaledErfc =>
    [
        0x3FF48CC777DE680F, 0xBFCE4E886EBE14E1, 0x3FB8EF2CFB48C135, 0x3F7AA02296AE6EA1, 0xBFAECFA265F0F7D1, 0x3FB1EFEFF944FEFD,
        0xBFABF3A479AE6352, 0x3FA09050A1447D60, 0xBF8E0DFF4E0762F4, 0x3F73622C6D3F5D73, 0xBF49191E8F8F7078, 0xBF263C1D82C594B6,
        0x3F22A233920D2A90, 0xBEFA54E7B1197CBD, 0xBEE537D763F0896B, 0x3ED74AE59B60D7B0, 0x3E8914A552B29D33, 0xBEAA4BD98D3467BE,
        0x3E76B395E2C168FB, 0x3E7A40F6F462FA13, 0xBE54710F81655655, 0xBE4390E63D911FF8, 0x3E20F10C9419C7A5,
    ];

    /// <summary>What the first coefficient above lacks.</summary>
    private static readonly double ScaledErfcLow = BitConverter.UInt64BitsToDouble(0xBC907143B0B85971);

    /// <summary>x + x p(x^2) up to 0.86, then 1 - exp(-q(|x|)); beyond 6 it is 1.</summary>
    public static IrValue Erf(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var a = Abs(x);
        var near = Fma(x, Polynomial(NearZero, x * x), x);

        var limited = AtMost(a, 6);
        var slope = -Polynomial(LogOfErfc[1..], limited);
        var exponent = limited * slope;
        var exponentLow = Fma(limited, slope, -exponent) + -BitConverter.UInt64BitsToDouble(LogOfErfc[0]);

        // The shift carries the bias and, 2048 further up, the sign: what comes out is -2^k.
        const double Shift = Exponential.RoundingShift + 1023 + 2048;
        var shifted = Fma(exponent, Exponential.Log2E, Shift);
        var k = shifted - Shift;
        var high = Fma(k, -Exponential.Ln2High, exponent);
        var low = Fma(k, -Exponential.Ln2Low, exponentLow);
        var scale = (shifted.Bits << 52).AsF64;
        var far = Fma(Exponential.Expm1OfRemainder(high, low), scale, 1 + scale);
        return Select(a < 0.86, near, FlipSign(far, x)).Value;
    }

    /// <summary>1 - erf(x) up to 1/2; then exp(-x^2) p(t) / (1.375 + 2 x) in double-double, and 2 minus that for negative x.</summary>
    public static IrValue Erfc(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var a = Abs(x);
        var (high, low, shifted) = Tail(Clamp(a, 0.5, 28));
        var tail = Exponential.Scale(high + low, shifted);
        var far = Select(x < 0, 2 - tail, tail);

        var difference = 1 - x;
        var near = difference + (((1 - difference) - x) - (x * Polynomial(NearZeroForErfc, x * x)));
        return Select(a < 0.5, near, Select(a <= double.PositiveInfinity, far, x)).Value;
    }

    private static (F64 High, F64 Low, F64 Shifted) Tail(F64 a)
    {
        var t = (a - 4) / (a + 4);
        var p = DoubleDouble.OrderedSum(BitConverter.UInt64BitsToDouble(ScaledErfc[0]), Polynomial(ScaledErfc[1..], t) * t);
        var pLow = p.Low + ScaledErfcLow;
        var square = a * a;
        var squareLow = Fma(a, a, -square);
        var e = Exponential.ExpParts(-square, -squareLow, hasLow: true);
        var product = DoubleDouble.Product(p.High, e.High);
        var productLow = product.Low + Fma(p.High, e.Low, pLow * e.High);
        var quotient = DoubleDouble.Quotient(new DoubleDouble(product.High, productLow), DoubleDouble.Sum(1.375, a + a));
        return (quotient.High, quotient.Low, e.Shifted);
    }
}
