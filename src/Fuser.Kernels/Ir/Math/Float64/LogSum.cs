using static Fuser.Kernels.Ir.Math.Float64.F64;

namespace Fuser.Kernels.Ir.Math.Float64;

/// <summary>log(exp(x) + exp(y)).</summary>
internal static class LogSum
{
    /// <summary>
    /// The larger one plus log1p(exp(-|x - y|)), all in double-double because the two cancel where the result is near 0: there the
    /// error is at most 2^-57 log1p(exp(-|x - y|)), elsewhere 1 ulp.
    /// </summary>
    public static IrValue LogAddExp(IrBuilder builder, IrValue left, IrValue right)
    {
        var (x, y) = (new F64(builder, left), new F64(builder, right));
        var swap = x < y;
        var (a, b) = (Select(swap, y, x), Select(swap, x, y));
        var difference = DoubleDouble.Sum(b, -a);
        var near = -746 < difference.High;
        var d = Select(near, difference.High, Select(difference.High <= -746, -746, difference.High));
        var e = Exponential.ExpParts(d, Select(near, difference.Low, 0), hasLow: true);
        var (first, second) = Exponential.Factors(e.Shifted);
        var (high, low) = (e.High * first * second, e.Low * first * second);
        var one = DoubleDouble.OrderedSum(1, high);
        var (k, parts) = Logarithm.LogParts(DoubleDouble.OrderedSum(one.High, one.Low + low));
        var log = Logarithm.PreciseSum(k, parts);

        // Below exp(-30) adding 1 would cost bits of e: log(1 + e) is e - e^2/2 to 2^-86.
        var tiny = d < -30;
        var sum = DoubleDouble.Sum(a, Select(tiny, high, log.High));
        var result = sum.High + (sum.Low + Select(tiny, Fma(high, high * -0.5, low), log.Low));
        var infinite = Select(Same(b, b), a, b);
        return Select(Same(Abs(a), double.PositiveInfinity), infinite, Select(Same(Abs(b), double.PositiveInfinity), a, result)).Value;
    }
}
