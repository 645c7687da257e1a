using static Fuser.Kernels.Ir.Math.Float64.F64;

namespace Fuser.Kernels.Ir.Math.Float64;

/// <summary>sinh, cosh and tanh.</summary>
internal static class Hyperbolic
{
    /// <summary>Below it x is its own sinh and tanh, which keeps -0 and subnormals.</summary>
    private const double OwnSine = 1.0 / (1 << 28);

    /// <summary>From 710.48 on both overflow; the reduction works up to 710.8.</summary>
    private const double Overflow = 710.7;

    /// <summary>(sinh(r)/r - 1) / r^2 in z = r^2, |r| up to ln2/2, minimax; error 2^-63.1.</summary>
    private static ReadOnlySpan<ulong> SinhTail =>
    [
        0x3FC5555555555555, 0x3F81111111111488, 0x3F2A01A019D9498B, 0x3EC71DE46518E653, 0x3E5AE327249B5A5A, 0x3DEACE7BF9D342DD,
    ];

    /// <summary>(cosh(r) - 1) / r^2 in z = r^2, |r| up to ln2/2, minimax; error 2^-68.3.</summary>
    private static ReadOnlySpan<ulong> CoshTail =>
    [
        0x3FE0000000000000, 0x3FA5555555555556, 0x3F56C16C16C15FF2, 0x3EFA01A01A81E4A3, 0x3E927E4D80478246, 0x3E21F790B6B6C56B,
    ];

    public static IrValue Sinh(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var a = Abs(x);
        var (plus, minus, r, sinhTail, coshTail) = Parts(a);
        var product = DoubleDouble.Product(plus.High, r);
        var sum = DoubleDouble.OrderedSum(minus.High, product.High);
        var low = (sum.Low + product.Low) + (minus.Low + (plus.Low * r) + Fma(plus.High, sinhTail, minus.High * coshTail));
        var half = sum.High + low;
        return Select(a < OwnSine, x, FlipSign(half + half, x)).Value;
    }

    public static IrValue Cosh(IrBuilder b, IrValue value)
    {
        var (plus, minus, r, sinhTail, coshTail) = Parts(Abs(new F64(b, value)));
        var product = DoubleDouble.Product(minus.High, r);
        var sum = DoubleDouble.OrderedSum(plus.High, product.High);
        var low = (sum.Low + product.Low) + (plus.Low + (minus.Low * r) + Fma(minus.High, sinhTail, plus.High * coshTail));
        var half = sum.High + low;
        return (half + half).Value;
    }

    /// <summary>e / (e + 2) with e = exp(2|x|) - 1 in double-double; from 22 on it is 1.</summary>
    public static IrValue Tanh(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var a = Abs(x);
        var limited = AtMost(a, 22);
        var twice = limited + limited;
        var reduced = Exponential.Reduce(twice, twice, 1023, hasLow: false);
        var scale = (reduced.Shifted.Bits << 52).AsF64;
        var (square, rest) = Exponential.Tail(reduced.R);
        var sum = DoubleDouble.Sum(scale - 1, scale * reduced.R.High);
        var more = DoubleDouble.OrderedSum(sum.High, scale * square);
        var e = DoubleDouble.OrderedSum(more.High, (sum.Low + more.Low) + (scale * rest));
        var denominator = DoubleDouble.Sum(e.High, 2);
        var quotient = DoubleDouble.RoundedQuotient(e, new DoubleDouble(denominator.High, denominator.Low + e.Low));
        return Select(a < OwnSine, x, FlipSign(quotient, x)).Value;
    }

    /// <summary>
    /// With a = k ln2 + r and P, M = (2^k ± 2^-k)/4: sinh(a)/2 = P sinh r + M cosh r and cosh(a)/2 = P cosh r + M sinh r. For k = 0 M
    /// is 0, so sinh is relatively exact near 0 without a case of its own.
    /// </summary>
    private static (DoubleDouble Plus, DoubleDouble Minus, F64 R, F64 SinhTail, F64 CoshTail) Parts(F64 a)
    {
        var limited = AtMost(a, Overflow);
        var reduced = Exponential.Reduce(limited, limited, 1021, hasLow: false);
        var exponent = reduced.Shifted.Bits;
        var up = (exponent << 52).AsF64;
        var down = Select(reduced.K < 100, ((2042 - exponent) << 52).AsF64, 0);
        var plus = up + down;
        var minus = up - down;
        var r = reduced.R.High;
        var z = r * r;
        var sinhTail = Fma(r * z, Polynomial(SinhTail, z), reduced.R.Low);
        var coshTail = Fma(z, Polynomial(CoshTail, z), r * reduced.R.Low);
        return (new DoubleDouble(plus, down - (plus - up)), new DoubleDouble(minus, (up - minus) - down), r, sinhTail, coshTail);
    }
}
