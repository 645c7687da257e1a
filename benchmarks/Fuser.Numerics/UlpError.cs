using System.Runtime.CompilerServices;

namespace Fuser.Numerics;

/// <summary>Errors in units in the last place of float32.</summary>
internal static class UlpError
{
    private const double Overflow = 340282366920938463463374607431768211456.0; // 2^128

    /// <summary>
    /// The distance of a result from the true value, in units of the spacing of float32 at the true value (that of the subnormals below
    /// 2^-126, that of the last binade above 2^128, where infinity counts as 2^128). Infinite where a special value is missed: a NaN,
    /// an exact infinity, the sign of a zero, or an infinity far from overflow.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static double Of(float result, double truth)
    {
        var exponent = (int)((BitConverter.DoubleToInt64Bits(truth) >> 52) & 0x7ff) - 1023;
        exponent = exponent < -126 ? -126 : exponent > 127 ? 127 : exponent;
        var perUlp = BitConverter.Int64BitsToDouble((long)(1023 - (exponent - 23)) << 52);
        var error = double.Abs(Limited(result) - Limited(truth)) * perUlp;

        // NaN fails the comparison too; a zero needs its sign looked at.
        return error <= 2 && result != 0 && double.IsFinite(truth) ? error : Special(result, truth, error);
    }

    private static double Limited(double value) => value > Overflow ? Overflow : value < -Overflow ? -Overflow : value;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double Special(float result, double truth, double error)
    {
        if (double.IsNaN(truth) || float.IsNaN(result))
        {
            return double.IsNaN(truth) && float.IsNaN(result) ? 0 : double.PositiveInfinity;
        }

        if (double.IsInfinity(truth))
        {
            return result == truth ? 0 : double.PositiveInfinity;
        }

        return result == 0 && float.IsNegative(result) != double.IsNegative(truth) ? double.PositiveInfinity : error;
    }
}
