using System.Collections.Immutable;
using static Fuser.Kernels.Ir.Math.Float64.F64;

namespace Fuser.Kernels.Ir.Math.Float64;

/// <summary>pow, hypot and rsqrt.</summary>
internal static class Power
{
    private static readonly double TwoToMinus1000 = BitConverter.UInt64BitsToDouble(0x0170000000000000);
    private static readonly double TwoToMinus600 = BitConverter.UInt64BitsToDouble(0x1A70000000000000);
    private static readonly double TwoToMinus400 = BitConverter.UInt64BitsToDouble(0x26F0000000000000);
    private static readonly double TwoTo500 = BitConverter.UInt64BitsToDouble(0x5F30000000000000);
    private static readonly double TwoTo600 = BitConverter.UInt64BitsToDouble(0x6570000000000000);

    private const long SignBit = long.MinValue;

    /// <summary>Where the mantissa interval of <see cref="Inverses"/> starts: 0.7057, as bits.</summary>
    private const long IntervalStart = 0x3FE6955500000000;

    /// <summary>ln2 in two parts; k times the first plus any of <see cref="Logarithms"/> is exact.</summary>
    private static readonly double Ln2Leading = BitConverter.UInt64BitsToDouble(0x3FE62E42FEFA3800);
    private static readonly double Ln2Trailing = BitConverter.UInt64BitsToDouble(0x3D2EF35793C76730);

    /// <summary>
    /// 1/c for each 64th of [0.7057, 1.4113), in so few bits that m/c - 1 is exact, and 1 around m = 1; then log(c), a multiple of
    /// 2^-43, and what it lacks.
    /// </summary>
    private static readonly ImmutableArray<ulong> Inverses =
    [
        0x3FF6800000000000, 0x3FF6400000000000, 0x3FF6000000000000, 0x3FF5C00000000000, 0x3FF5800000000000, 0x3FF5400000000000,
        0x3FF5400000000000, 0x3FF5000000000000, 0x3FF4C00000000000, 0x3FF4800000000000, 0x3FF4400000000000, 0x3FF4000000000000,
        0x3FF4000000000000, 0x3FF3C00000000000, 0x3FF3800000000000, 0x3FF3400000000000, 0x3FF3400000000000, 0x3FF3000000000000,
        0x3FF2C00000000000, 0x3FF2C00000000000, 0x3FF2800000000000, 0x3FF2400000000000, 0x3FF2400000000000, 0x3FF2000000000000,
        0x3FF1C00000000000, 0x3FF1C00000000000, 0x3FF1800000000000, 0x3FF1800000000000, 0x3FF1400000000000, 0x3FF1000000000000,
        0x3FF1000000000000, 0x3FF0C00000000000, 0x3FF0C00000000000, 0x3FF0800000000000, 0x3FF0800000000000, 0x3FF0400000000000,
        0x3FF0400000000000, 0x3FF0000000000000, 0x3FEF800000000000, 0x3FEF000000000000, 0x3FEEC00000000000, 0x3FEE400000000000,
        0x3FEDC00000000000, 0x3FED400000000000, 0x3FED000000000000, 0x3FEC800000000000, 0x3FEC000000000000, 0x3FEBC00000000000,
        0x3FEB400000000000, 0x3FEB000000000000, 0x3FEAC00000000000, 0x3FEA400000000000, 0x3FEA000000000000, 0x3FE9C00000000000,
        0x3FE9400000000000, 0x3FE9000000000000, 0x3FE8C00000000000, 0x3FE8800000000000, 0x3FE8400000000000, 0x3FE7C00000000000,
        0x3FE7800000000000, 0x3FE7400000000000, 0x3FE7000000000000, 0x3FE6C00000000000,
    ];

    private static readonly ImmutableArray<ulong> Logarithms =
    [
        0xBFD5D1BDBF580800, 0xBFD51AAD872DF800, 0xBFD4618BC21C6000, 0xBFD3A64C55694800, 0xBFD2E8E2BAE12000, 0xBFD22941FBCF7800,
        0xBFD22941FBCF7800, 0xBFD1675CABABA800, 0xBFD0A324E2739000, 0xBFCFB9186D5E4000, 0xBFCE27076E2AF000, 0xBFCC8FF7C79AA000,
        0xBFCC8FF7C79AA000, 0xBFCAF3C94E80C000, 0xBFC9525A9CF45000, 0xBFC7AB890210E000, 0xBFC7AB890210E000, 0xBFC5FF3070A79000,
        0xBFC44D2B6CCB8000, 0xBFC44D2B6CCB8000, 0xBFC29552F81FF000, 0xBFC0D77E7CD09000, 0xBFC0D77E7CD09000, 0xBFBE27076E2B0000,
        0xBFBA926D3A4AE000, 0xBFBA926D3A4AE000, 0xBFB6F0D28AE56000, 0xBFB6F0D28AE56000, 0xBFB341D7961BE000, 0xBFAF0A30C0118000,
        0xBFAF0A30C0118000, 0xBFA77458F632C000, 0xBFA77458F632C000, 0xBF9F829B0E780000, 0xBF9F829B0E780000, 0xBF8FC0A8B0FC0000,
        0xBF8FC0A8B0FC0000, 0x0000000000000000, 0x3F90205658938000, 0x3FA0415D89E74000, 0x3FA466AED42E0000, 0x3FACCB73CDDDC000,
        0x3FB2AA04A4472000, 0x3FB700D30AEAC000, 0x3FB9335E5D594000, 0x3FBDA72763844000, 0x3FC1178E8227E000, 0x3FC23D712A49C000,
        0x3FC4913D8333B000, 0x3FC5BF406B544000, 0x3FC6F0128B757000, 0x3FC95A5ADCF70000, 0x3FCA93ED3C8AE000, 0x3FCBD087383BE000,
        0x3FCE530EFFE71000, 0x3FCF991C6CB3B000, 0x3FD07138604D5800, 0x3FD1178E8227E800, 0x3FD1BF99635A6800, 0x3FD314F1E1D36000,
        0x3FD3C25277333000, 0x3FD4718DC271C800, 0x3FD522AE0738A000, 0x3FD5D5BDDF596000,
    ];

    private static readonly ImmutableArray<ulong> LogarithmTails =
    [
        0xBD1CA508D8E0F720, 0xBCE684E49EB067D5, 0x3D13D82F484C84CC, 0x3D20B1C686519460, 0x3D267B1E99B72BD8, 0xBD165A242853DA76,
        0xBD165A242853DA76, 0x3D1F1FC63382A8F0, 0xBD0C6BEE7EF4030E, 0x3D0D572AAB993C87, 0xBD172F4F543FFF10, 0x3D27794F689F8434,
        0x3D27794F689F8434, 0x3CBA4E633FCD9066, 0xBD2AD1D904C1D4E3, 0x3D2BDB9072534A58, 0x3D2BDB9072534A58, 0xBD1E9E439F105039,
        0x3D170CC16135783C, 0x3D170CC16135783C, 0xBD248D301771C408, 0x3D0A699688E85BF4, 0x3D0A699688E85BF4, 0x3D2A342C2AF0003C,
        0x3D253935E85BAAC8, 0x3D253935E85BAAC8, 0xBD269737C93373DA, 0xBD269737C93373DA, 0x3D2C5EDACCF913DF, 0x3D2D599E83368E91,
        0x3D2D599E83368E91, 0xBD2CFC4634F2A1EE, 0xBD2CFC4634F2A1EE, 0xBD2980267C7E09E4, 0xBD2980267C7E09E4, 0xBCDF1E7CF6D3A69C,
        0xBCDF1E7CF6D3A69C, 0x0000000000000000, 0xBD23DC5B06E2F7D2, 0x3D0111C05CF1D753, 0xBD2C167375BDFD28, 0xBD1A68F247D82807,
        0xBD20B6E8AE9C697D, 0x3CEC1E8DA99DED32, 0x3D23115C3ABD47DA, 0x3D1A89401FA71733, 0x3D21EF78CE2D07F2, 0x3D100D238FD3DF5C,
        0x3D25837954FDB678, 0xBD127023EB68981C, 0xBD25118DE59C21E1, 0x3D07F22858A0FF6F, 0xBD28724350562169, 0xBD2D4BC4595412B6,
        0x3CC212276041F430, 0x3D1BCBECCA0CDF30, 0x3CF89CDB16ED4E91, 0xBD2C210E63A5F01C, 0x3D2CA6ED5147BDB7, 0xBD28E27AD3213CB8,
        0x3D183B54B606BD5C, 0xBD2F27CE0967D675, 0x3D2EBE708164C759, 0xBD0A0B2A08A465DC,
    ];

    /// <summary>(log(1 + r) - r + r^2/2) / r^3 on |r| up to 0.0129, minimax; relative error of log(1 + r) 2^-71.</summary>
    private static ReadOnlySpan<ulong> Log1pTail =>
    [
        0x3FD5555555555555, 0xBFD0000000000000, 0x3FC99999999A21DA, 0xBFC55555555562BF, 0x3FC24924753E3CF7, 0xBFBFFFFFF3214EA2,
        0x3FBC76189DD07C5F, 0xBFB99B753FC6D65B,
    ];

    /// <summary>exp(y log|x|) with the logarithm good to 2^-68, then the cases of C (F.10.4.4), which are PyTorch's.</summary>
    public static IrValue Pow(IrBuilder b, IrValue left, IrValue right)
    {
        var (x, y) = (new F64(b, left), new F64(b, right));
        var a = Abs(x);

        // log 0 and log infinity give powers of 0 and infinity, and NaN gives NaN, through the ordinary product.
        var log = Log(a);
        var regular = (a < double.PositiveInfinity) & (0 < a);
        var high = Select(regular, log.High, Select(Same(a, 0), double.NegativeInfinity, a));
        var low = Select(regular, log.Low, 0);
        var exponent = y * high;
        var exponentLow = Fma(y, low, Fma(y, high, -exponent));
        exponentLow = Select(Abs(exponent) < 800, exponentLow, 0);
        var reduced = Exponential.Reduce(Clamp(exponent, -800, 800), exponentLow, 2046, hasLow: true);
        var power = 1 + Exponential.Expm1OfRemainder(reduced.R);
        return Specials(x, y, a, Exponential.Scale(power, reduced.Shifted)).Value;
    }

    /// <summary>
    /// The root of the sum of squares in double-double, with its remainder. Scaled where squares would leave the range. An
    /// infinite operand wins over NaN.
    /// </summary>
    public static IrValue Hypot(IrBuilder b, IrValue left, IrValue right)
    {
        var (ax, ay) = (Abs(new F64(b, left)), Abs(new F64(b, right)));
        var swap = ax < ay;
        var (larger, smaller) = (Select(swap, ay, ax), Select(swap, ax, ay));
        var (huge, tiny) = (TwoTo500 < larger, larger < TwoToMinus400);
        var scale = Select(huge, TwoToMinus600, Select(tiny, TwoTo600, 1));
        var unscale = Select(huge, TwoTo600, Select(tiny, TwoToMinus600, 1));
        var (p, q) = (larger * scale, smaller * scale);
        var (pp, qq) = (DoubleDouble.Product(p, p), DoubleDouble.Product(q, q));
        var sum = DoubleDouble.OrderedSum(pp.High, qq.High);
        var root = Sqrt(sum.High);

        // The tiny addend keeps 0/0 out where both operands are 0; it is absorbed everywhere else.
        var correction = (Fma(-root, root, sum.High) + (sum.Low + (pp.Low + qq.Low))) / (root + root + TwoToMinus1000);
        var infinite = Same(ax, double.PositiveInfinity) | Same(ay, double.PositiveInfinity);
        return Select(infinite, double.PositiveInfinity, (root + correction) * unscale).Value;
    }

    /// <summary>1 / sqrt(x) and one Newton step with an exact residual; where that is no number (0, infinity, NaN) without it.</summary>
    public static IrValue Rsqrt(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var y = 1 / Sqrt(x);
        var root = DoubleDouble.Product(x, y);
        var residual = Fma(-root.High, y, 1) - (root.Low * y);
        return Select(Abs(residual) < 1, Fma(y * 0.5, residual, y), y).Value;
    }

    /// <summary>log a for positive finite a, relative error 2^-67: k ln2 + log c + log(1 + r) with the first two terms of the last in double-double.</summary>
    private static DoubleDouble Log(F64 a)
    {
        var subnormal = a < BitConverter.UInt64BitsToDouble(0x0010000000000000);
        var bits = Select(subnormal, a * (1L << 54), a).Bits;
        var offset = bits - IntervalStart;
        var index = (offset >>> 46) & 63;
        var m = (bits - (offset & unchecked((long)0xFFF0000000000000))).AsF64;

        // The offset is negative below 0.7: 1024 more makes the exponent unsigned.
        var k = (((offset + 0x4000000000000000) >>> 52) | 0x4330000000000000).AsF64
            - Select(subnormal, 4503599627370496.0 + 1024 + 54, 4503599627370496.0 + 1024);
        var r = Fma(m, index.Lookup(Inverses), -1);
        var start = Fma(k, Ln2Leading, index.Lookup(Logarithms));
        var sum = start + r;
        var half = r * -0.5;
        var square = r * half;
        var high = sum + square;
        var low = (Fma(k, Ln2Trailing, index.Lookup(LogarithmTails)) + ((start - sum) + r))
            + (Fma(half, r, -square) + ((sum - high) + square));
        return DoubleDouble.OrderedSum(high, low + (r * (r * r) * Polynomial(Log1pTail, r)));
    }

    /// <summary>
    /// Integers are those equal to their floor, odd ones those whose half is not; every float64 from 2^53 on is even, infinities too.
    /// A finite negative base wants an integer; 1 to any power and any base to the power 0 are 1, even NaN.
    /// </summary>
    private static F64 Specials(F64 x, F64 y, F64 a, F64 power)
    {
        var half = y * 0.5;
        var isInteger = Same(Floor(y), y);
        var isOdd = isInteger & !Same(Floor(half), half);
        var negative = (x < 0) & (double.NegativeInfinity < x);

        // |x| = 1 to an infinite power is 1, not 0 * infinity; NaN powers stay NaN.
        var result = Select(Same(a, 1) & Same(y, y), 1, power);
        result = (result.Bits ^ I64.Select(isOdd, x.Bits & SignBit, 0)).AsF64;
        result = Select(negative & !isInteger, double.NaN, result);
        return Select(Same(y, 0) | Same(x, 1), 1, result);
    }
}
