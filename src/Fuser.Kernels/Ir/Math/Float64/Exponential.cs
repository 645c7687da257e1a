using static Fuser.Kernels.Ir.Math.Float64.F64;

namespace Fuser.Kernels.Ir.Math.Float64;

/// <summary>
/// exp and its kin: x = k ln2 + r with |r| at most ln2/2, a polynomial in r, then 2^k. Nothing here looks at special operands: the
/// clamp makes overflow and underflow come out of the scaling, and NaN passes through the arithmetic.
/// </summary>
internal static class Exponential
{
    /// <summary>1.5 * 2^52: adding it rounds to an integer, which then stands in the low bits.</summary>
    public const double RoundingShift = 6755399441055744;

    public static readonly double Ln2High = BitConverter.UInt64BitsToDouble(0x3FE62E42FEFA39EF);
    public static readonly double Ln2Low = BitConverter.UInt64BitsToDouble(0x3C7ABC9E3B39803F);
    public static readonly double Log2E = BitConverter.UInt64BitsToDouble(0x3FF71547652B82FE);

    private const double TwoToMinus54 = 1.0 / (1L << 54);

    /// <summary>Twice the exponent bias: <see cref="Factors"/> halves it into two valid exponents.</summary>
    private const double TwoBiases = 2046;

    /// <summary>(exp(r) - 1 - r) / r^2 on |r| up to ln2/2, minimax; error of exp 2^-62.4. The first coefficient is 1/2 exactly.</summary>
    private static ReadOnlySpan<ulong> ExpTail =>
    [
        0x3FE0000000000000, 0x3FC5555555555557, 0x3FA5555555555557, 0x3F8111111111004F, 0x3F56C16C16C156A4, 0x3F2A01A01AC1F665,
        0x3EFA01A01AB99261, 0x3EC71DE01A79A02E, 0x3E927E4CFAD08162, 0x3E5AF4ED6A6C2DBB, 0x3E21F86F4C0FA02A,
    ];

    /// <summary>(2^r - 1 - r ln2) / r^2 on |r| up to 1/2, minimax; error of 2^r 2^-61.2.</summary>
    private static ReadOnlySpan<ulong> Exp2Tail =>
    [
        0x3FCEBFBDFF82C58F, 0x3FAC6B08D704A0C2, 0x3F83B2AB6FBA4CC3, 0x3F55D87FE78A509C, 0x3F2430912F9046CC, 0x3EEFFCBFC67C0B5E,
        0x3EB62C01F8854804, 0x3E7B524F93B372B2, 0x3E3E4D9F7E3BD60A, 0x3DFE9D6BD8839089, 0x3DBB4CA32951FD26,
    ];

    public static IrValue Exp(IrBuilder b, IrValue x)
    {
        var shift = RoundingShift + TwoBiases;
        var limited = Clamp(new F64(b, x), -746, 710);
        var shifted = Fma(limited, Log2E, shift);
        var k = shifted - shift;
        var high = Fma(k, -Ln2High, limited);
        var low = k * -Ln2Low;
        return Scale(1 + Expm1OfRemainder(high, low), shifted).Value;
    }

    /// <summary>2^x: the remainder of x is exact, and r ln2 keeps its tail.</summary>
    public static IrValue Exp2(IrBuilder b, IrValue x)
    {
        var shift = RoundingShift + TwoBiases;
        var limited = Clamp(new F64(b, x), -1076, 1025);
        var shifted = limited + shift;
        var r = limited - (shifted - shift);
        var tail = r * Fma(r, Polynomial(Exp2Tail, r), Ln2Low);
        return Scale(1 + Fma(r, Ln2High, tail), shifted).Value;
    }

    /// <summary>
    /// exp(x) - 1 = (2^k - 1) + 2^k (exp(r) - 1), summed without loss because the two cancel for k = 1. Halved inside, so that
    /// 2^1024 does not overflow; arguments that 1 absorbs are their own result, which also keeps -0 and subnormals.
    /// </summary>
    public static IrValue Expm1(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var limited = Clamp(x, -60, 710);
        var reduced = Reduce(limited, limited, 1022, hasLow: false);
        var scale = (reduced.Shifted.Bits << 52).AsF64;
        var offset = scale - 0.5;
        var offsetLow = (scale - offset) - 0.5;
        var (square, rest) = Tail(reduced.R);
        var sum = DoubleDouble.Sum(offset, scale * reduced.R.High);
        var more = DoubleDouble.OrderedSum(sum.High, scale * square);
        var half = more.High + ((sum.Low + more.Low) + Fma(scale, rest, offsetLow));
        return Select(Abs(x) < TwoToMinus54, x, half + half).Value;
    }

    /// <summary>
    /// 1 / (1 + exp(-x)) as p / (1 + p) for negative x and 1 / (1 + p) otherwise, p = exp(-|x|) in double-double; 2^k is taken out
    /// of the numerator and put back last, so that subnormal results are rounded once.
    /// </summary>
    public static IrValue Sigmoid(IrBuilder b, IrValue x)
    {
        var limited = Clamp(new F64(b, x), -746, 40);
        var exponent = -Abs(limited);
        var p = ExpParts(exponent, exponent, hasLow: false);

        // Below exp(-60) the 1 in the denominator absorbs p whatever its exponent is; that of 2^-90 is a valid one.
        var shifted = Select(exponent < -60, RoundingShift + TwoBiases - 90, p.Shifted);
        var scale = ((shifted.Bits - 1023) << 52).AsF64;
        var one = DoubleDouble.OrderedSum(1, p.High * scale);
        var denominator = new DoubleDouble(one.High, one.Low + (p.Low * scale));
        var negative = limited < 0;
        var numerator = new DoubleDouble(Select(negative, p.High, 1), Select(negative, p.Low, 0));
        return Scale(DoubleDouble.RoundedQuotient(numerator, denominator), Select(negative, p.Shifted, RoundingShift + TwoBiases)).Value;
    }

    /// <summary>
    /// x + xLow = k ln2 + R, with the bits of k + bias at the bottom of Shifted. k times the leading part of ln2 leaves the
    /// difference exact (the product is exact inside the fused multiply-add, and the difference has no more bits than x).
    /// </summary>
    public static (F64 Shifted, F64 K, DoubleDouble R) Reduce(F64 x, F64 xLow, double bias, bool hasLow)
    {
        var shift = RoundingShift + bias;
        var shifted = Fma(x, Log2E, shift);
        var k = shifted - shift;
        var high = Fma(k, -Ln2High, x);
        var low = hasLow ? Fma(k, -Ln2Low, xLow) : k * -Ln2Low;
        var r = high + low;
        return (shifted, k, new DoubleDouble(r, low - (r - high)));
    }

    /// <summary>exp(high + low) - 1 in one number: good to 0.3 ulp of 1.</summary>
    public static F64 Expm1OfRemainder(F64 high, F64 low)
    {
        var r = high + low;
        return high + Fma(r * r, Polynomial(ExpTail, r), low);
    }

    /// <summary>exp(R) - 1 in one number, likewise.</summary>
    public static F64 Expm1OfRemainder(DoubleDouble r) => r.High + Fma(r.High * r.High, Polynomial(ExpTail, r.High), r.Low);

    /// <summary>exp(R) - 1 = R.High + Square + Others: half the square apart, the others below 0.01.</summary>
    public static (F64 Square, F64 Others) Tail(DoubleDouble r)
    {
        var square = r.High * r.High;
        var squareLow = Fma(r.High, r.High, -square);
        var rest = Fma(square * r.High, Polynomial(ExpTail[1..], r.High), Fma(squareLow, 0.5, Fma(r.Low, r.High, r.Low)));
        return (square * 0.5, rest);
    }

    /// <summary>exp(x + xLow) = (High + Low) 2^k to about 2^-62; <see cref="Scale"/> takes Shifted.</summary>
    public static (F64 High, F64 Low, F64 Shifted) ExpParts(F64 x, F64 xLow, bool hasLow)
    {
        var reduced = Reduce(x, xLow, TwoBiases, hasLow);
        var (square, rest) = Tail(reduced.R);
        var first = DoubleDouble.OrderedSum(1, reduced.R.High);
        var second = DoubleDouble.OrderedSum(first.High, square);
        var sum = DoubleDouble.OrderedSum(second.High, (first.Low + second.Low) + rest);
        return (sum.High, sum.Low, reduced.Shifted);
    }

    /// <summary>y 2^k, rounded once.</summary>
    public static F64 Scale(F64 y, F64 shifted)
    {
        var (first, second) = Factors(shifted);
        return y * first * second;
    }

    /// <summary>
    /// Two powers of two whose product is 2^k: k reaches from -1076 to 1025. Shifted holds k + 2046 in its low bits, so its halves
    /// are biased exponents as they are.
    /// </summary>
    public static (F64 First, F64 Second) Factors(F64 shifted)
    {
        var biased = shifted.Bits - BitConverter.DoubleToInt64Bits(RoundingShift);
        var half = biased >>> 1;
        return ((half << 52).AsF64, ((biased - half) << 52).AsF64);
    }
}
