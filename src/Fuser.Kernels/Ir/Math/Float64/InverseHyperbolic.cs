using static Fuser.Kernels.Ir.Math.Float64.F64;

namespace Fuser.Kernels.Ir.Math.Float64;

/// <summary>asinh, acosh and atanh: logarithms of double-double arguments.</summary>
internal static class InverseHyperbolic
{
    private static readonly double TwoToMinus300 = BitConverter.UInt64BitsToDouble(0x2D30000000000000);

    /// <summary>2^30: from here on 1 + x^2 is x^2, and both functions log(2x).</summary>
    private const double Large = 1 << 30;
    private static readonly double Tiny = BitConverter.UInt64BitsToDouble(0x0170000000000000);

    /// <summary>(2 atanh(s) - 2 s) / s^3 in z = s^2, |s| up to 0.2, minimax; relative error of 2 atanh(s) 2^-60.7.</summary>
    private static ReadOnlySpan<ulong> AtanhTail =>
    [
        0x3FE5555555555555, 0x3FD999999999A03C, 0x3FD24924923C6058, 0x3FCC71C72FA9B1D0, 0x3FC745CA4B3864EC, 0x3FC3B2AE97CBDC21,
        0x3FC0E77E1AC2E8A9, 0x3FC173298C715F99,
    ];

    /// <summary>log(1 + (a + (sqrt(1 + a^2) - 1))); below 2^-26 the first two terms of the series, which keeps -0 and subnormals.</summary>
    public static IrValue Asinh(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var a = Abs(x);
        var large = Large < a;
        var limited = Select(large, 1, a);
        var square = DoubleDouble.Product(limited, limited);
        var u = DoubleDouble.Sum(1, square.High);
        var root = Sqrt(u.High);
        var rootLow = (Fma(-root, root, u.High) + (u.Low + square.Low)) / (root + root);
        var f = DoubleDouble.Sum(limited, root - 1);
        var result = FlipSign(LogOfOnePlus(DoubleDouble.OrderedSum(f.High, f.Low + rootLow), large, a), x);
        var series = Select(a < TwoToMinus300, x, Fma(x * x, x * (-1.0 / 6), x));
        result = Select(a < 1.0 / (1 << 26), series, result);
        return Select(a < double.PositiveInfinity, result, x).Value;
    }

    /// <summary>log(1 + (d + sqrt(d (d + 2)))) with d = x - 1.</summary>
    public static IrValue Acosh(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var large = Large < x;
        var d = Select(large, 1, x - 1);
        var dLow = Select(large, 0, (x - d) - 1);
        var sum = DoubleDouble.Sum(d, 2);
        var product = d * sum.High;
        var productLow = Fma(d, sum.High, -product) + Fma(d, sum.Low + dLow, dLow * sum.High);
        var root = Sqrt(product);
        var rootLow = (Fma(-root, root, product) + productLow) / (root + root + Tiny);
        var f = DoubleDouble.Sum(d, root);
        var result = LogOfOnePlus(DoubleDouble.OrderedSum(f.High, f.Low + (rootLow + dLow)), large, x);
        return Select(x < double.PositiveInfinity, Select(x < 1, double.NaN, result), x).Value;
    }

    /// <summary>
    /// log((1 + a) / (1 - a)) / 2 = k ln2 / 2 + atanh(s), s = ((1 + a) - 2^k (1 - a)) / ((1 + a) + 2^k (1 - a)): no quotient but s. k is
    /// the distance of the exponents, read off the bits with the mantissas as a first approximation of their logarithms.
    /// </summary>
    public static IrValue Atanh(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var a = Abs(x);
        var sum = DoubleDouble.OrderedSum(1, a);
        var difference = 1 - a;
        var differenceLow = (1 - difference) - a;
        var exponent = ((sum.High.Bits - difference.Bits) + 0x3FF8000000000000) >>> 52;
        var k = (exponent | 0x4330000000000000).AsF64 - (4503599627370496.0 + 1023);
        var scale = (exponent << 52).AsF64;
        var scaled = difference * scale;
        var scaledLow = differenceLow * scale;
        var n = DoubleDouble.Sum(sum.High, -scaled);
        var d = DoubleDouble.Sum(sum.High, scaled);
        var s = DoubleDouble.Quotient(
            DoubleDouble.OrderedSum(n.High, n.Low + (sum.Low - scaledLow)),
            new DoubleDouble(d.High, d.Low + (sum.Low + scaledLow)));
        var result = Logarithm.Sum(k, Logarithm.TwiceAtanh(s, AtanhTail)) * 0.5;
        result = Select(1 < a, double.NaN, Select(Same(a, 1), double.PositiveInfinity, result));
        return Select(a < 1.0 / (1 << 28), x, FlipSign(result, x)).Value;
    }

    /// <summary>log(1 + f), or log(2 x) where x is large.</summary>
    private static F64 LogOfOnePlus(DoubleDouble f, Truth large, F64 x)
    {
        var one = DoubleDouble.Sum(1, f.High);
        var y = DoubleDouble.OrderedSum(one.High, one.Low + f.Low);
        var (k, log) = Logarithm.LogParts(new DoubleDouble(Select(large, x, y.High), Select(large, 0, y.Low)));
        return Logarithm.Sum(k + Select(large, 1, 0), log);
    }
}
