using static Fuser.Kernels.Ir.Math.Float64.F64;

namespace Fuser.Kernels.Ir.Math.Float64;

/// <summary>asin, acos, atan and atan2.</summary>
internal static class InverseTrigonometric
{
    private static readonly double TwoToMinus1000 = BitConverter.UInt64BitsToDouble(0x0170000000000000);
    private static readonly double TwoToMinus900 = BitConverter.UInt64BitsToDouble(0x07B0000000000000);
    private static readonly double TwoToMinus100 = BitConverter.UInt64BitsToDouble(0x39B0000000000000);
    private static readonly double TwoTo600 = BitConverter.UInt64BitsToDouble(0x6570000000000000);
    private static readonly double TwoTo1000 = BitConverter.UInt64BitsToDouble(0x7E70000000000000);

    private static readonly double PiHigh = BitConverter.UInt64BitsToDouble(0x400921FB54442D18);
    private static readonly double PiLow = BitConverter.UInt64BitsToDouble(0x3CA1A62633145C07);
    private static readonly double QuarterPiHigh = BitConverter.UInt64BitsToDouble(0x3FE921FB54442D18);
    private static readonly double QuarterPiLow = BitConverter.UInt64BitsToDouble(0x3C81A62633145C07);

    /// <summary>(asin(t)/t - 1) / t^2 in z = t^2 up to 1/4, minimax; error 2^-58.1.</summary>
    private static ReadOnlySpan<ulong> AsinTail =>
    [
        0x3FC5555555555556, 0x3FB3333333332DA2, 0x3FA6DB6DB6E48603, 0x3F9F1C71C11DEEA0, 0x3F96E8BB37521ACA, 0x3F91C4D112CED722,
        0x3F8C9D30AC3CE59B, 0x3F878010220135EA, 0x3F8532A9148F185F, 0x3F75E2915E074C7D, 0x3F9220541F36F9A0, 0xBF8F58C57C0BB66B,
        0x3F9DC181D63E5323,
    ];

    /// <summary>(atan(t)/t - 1) / t^2 in z = t^2, |t| up to 0.4143, minimax; error 2^-63.7.</summary>
    private static ReadOnlySpan<ulong> AtanTail =>
    [
        0xBFD5555555555555, 0x3FC9999999999815, 0xBFC2492492481CB9, 0x3FBC71C71BCA884E, 0xBFB745D1567EDF59, 0x3FB3B137C20B019D,
        0xBFB110D2ED6E48B9, 0x3FAE17F365BDF253, 0xBFAABCC0BCD1B387, 0x3FA7215B0497374D, 0xBFA14BB077A36608, 0x3F8FB76A9A875965,
    ];

    public static IrValue Asin(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var a = Abs(x);
        var (small, twiceRoot, correction, tail) = AsinParts(x, a);
        var main = Select(small, a, -twiceRoot);
        var low = Select(small, 0, TrigonometricReduction.HalfPiLow - correction);
        var sum = DoubleDouble.OrderedSum(Select(small, 0, TrigonometricReduction.HalfPiHigh), main);
        return FlipSign(sum.High + (sum.Low + Fma(main, tail, low)), x).Value;
    }

    public static IrValue Acos(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var (small, twiceRoot, correction, tail) = AsinParts(x, Abs(x));
        var negative = x < 0;
        var main = Select(small, -x, Select(negative, -twiceRoot, twiceRoot));
        var start = Select(small, TrigonometricReduction.HalfPiHigh, Select(negative, PiHigh, 0));
        var low = Select(small, TrigonometricReduction.HalfPiLow, Select(negative, PiLow - correction, correction));
        var sum = DoubleDouble.OrderedSum(start, main);
        return (sum.High + (sum.Low + Fma(main, tail, low))).Value;
    }

    /// <summary>The angle of (1, |x|); beyond 2^60 it is that of 2^60, pi/2 rounded.</summary>
    public static IrValue Atan(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var (n, d, quarters) = AngleParts(AtMost(Abs(x), 1L << 60), new F64(b, b.Float64(1)));
        return FlipSign(Angle(DoubleDouble.Quotient(n, d), quarters), x).Value;
    }

    /// <summary>
    /// Operands are scaled by a common power of two where their sum could overflow or the remainder of the quotient underflow;
    /// infinities become 1 and what is finite beside them 0. The correction of a quotient near the underflow threshold is not
    /// added, because there the quotient is the result, rounded already.
    /// </summary>
    public static IrValue Atan2(IrBuilder b, IrValue left, IrValue right)
    {
        var (y, x) = (new F64(b, left), new F64(b, right));
        var (ay, ax) = (Abs(y), Abs(x));
        var larger = Select(ax < ay, ay, ax);
        var scale = Select(TwoTo1000 < larger, TwoToMinus100, Select(larger < TwoToMinus900, TwoTo600, 1));
        var infinite = Same(larger, double.PositiveInfinity);
        var sx = Select(infinite, Select(Same(ax, double.PositiveInfinity), 1, ax * 0), ax * scale);
        var sy = Select(infinite, Select(Same(ay, double.PositiveInfinity), 1, ay * 0), ay * scale);
        sx = Select(Same(larger, 0), 1, sx);

        var (n, d, quarters) = AngleParts(sy, sx);
        var t = n.High / d.High;
        var remainder = Fma(-t, d.High, n.High) + Fma(-t, d.Low, n.Low);
        var tail = Select(Abs(t) < 1.0 / (1 << 30), 0, remainder / d.High);
        var negative = I64.Same(x.Bits >>> 63, 1);
        quarters = Select(negative, 4 - quarters, quarters);
        var signed = new DoubleDouble(Select(negative, -t, t), Select(negative, -tail, tail));
        return FlipSign(Angle(signed, quarters), y).Value;
    }

    /// <summary>
    /// Below 1/2 asin(x) = x + x tail; above, asin(x) = pi/2 - (s + correction + s tail) with s twice the root of (1 - |x|)/2, which is exact.
    /// |x| over 1 gives the root of a negative number, NaN.
    /// </summary>
    private static (Truth Small, F64 TwiceRoot, F64 Correction, F64 Tail) AsinParts(F64 x, F64 a)
    {
        var small = a < 0.5;
        var z = Select(small, x * x, Fma(a, -0.5, 0.5));
        var root = Sqrt(z);

        // At |x| = 1 the root is 0 and so is its correction; the tiny addend is absorbed everywhere else.
        var correction = Fma(-root, root, z) / (root + TwoToMinus1000);
        return (small, root + root, correction, z * Polynomial(AsinTail, z));
    }

    /// <summary>
    /// The angle of (x, y), both not negative, is quarters * pi/4 + atan(n / d): with the quotient near 1 (between 0.414 and 2.414)
    /// n / d = (y - x) / (y + x), above it -x / y. |n / d| is at most 0.4143.
    /// </summary>
    private static (DoubleDouble N, DoubleDouble D, F64 Quarters) AngleParts(F64 y, F64 x)
    {
        var flat = y <= x * 0.4140625;
        var steep = x * 2.4140625 <= y;
        var n = DoubleDouble.Sum(Select(steep, 0, y), -Select(flat, 0, x));
        var d = DoubleDouble.Sum(Select(steep, 0, x), Select(flat, 0, y));
        return (n, d, Select(flat, 0, Select(steep, 2, 1)));
    }

    private static F64 Angle(DoubleDouble t, F64 quarters)
    {
        var start = quarters * QuarterPiHigh;
        var startLow = Fma(quarters, QuarterPiLow, Fma(quarters, QuarterPiHigh, -start));
        var z = t.High * t.High;
        var sum = DoubleDouble.OrderedSum(start, t.High);

        // The low part counts with the derivative 1 - z + ...
        return sum.High + (sum.Low + Fma(z, (t.High * Polynomial(AtanTail, z)) - t.Low, startLow + t.Low));
    }
}
