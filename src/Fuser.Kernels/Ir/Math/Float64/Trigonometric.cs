using static Fuser.Kernels.Ir.Math.Float64.F64;

namespace Fuser.Kernels.Ir.Math.Float64;

/// <summary>sin, cos and tan by quadrants. Arguments too small for their cube are their own sine and tangent, which keeps -0 and subnormals.</summary>
internal static class Trigonometric
{
    private const double OwnSine = 1.0 / (1 << 27);

    /// <summary>(sin(r)/r - 1) / r^2 in z = r^2, |r| up to pi/4, minimax; error 2^-61.</summary>
    private static ReadOnlySpan<ulong> SinTail =>
    [
        0xBFC5555555555555, 0x3F8111111111101E, 0xBF2A01A019FE885F, 0x3EC71DE3A1036A14, 0xBE5AE63F7FE3E11F, 0x3DE60E5CB144F38D,
        0xBD68D5121E46429A,
    ];

    /// <summary>(cos(r) - 1 + r^2/2) / r^4 in z = r^2, |r| up to pi/4, minimax; error 2^-60.9.</summary>
    private static ReadOnlySpan<ulong> CosTail =>
    [
        0x3FA5555555555555, 0xBF56C16C16C168CC, 0x3EFA01A019F38AFA, 0xBE927E4FA036D38F, 0x3E21EEB58509DF39, 0xBDA9073D444493AC,
    ];

    public static IrValue Sin(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var (r, quadrant) = TrigonometricReduction.Reduce(x);
        var result = InQuadrant(r, I64.Same(quadrant & 1, 1), quadrant & 2);
        return Select(Abs(x) < OwnSine, x, result).Value;
    }

    public static IrValue Cos(IrBuilder b, IrValue value)
    {
        var (r, quadrant) = TrigonometricReduction.Reduce(new F64(b, value));
        return InQuadrant(r, I64.Same(quadrant & 1, 0), (quadrant + 1) & 2).Value;
    }

    /// <summary>The quotient of both series, or its negative reciprocal in odd quadrants.</summary>
    public static IrValue Tan(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var (r, quadrant) = TrigonometricReduction.Reduce(x);
        var (sin, cos) = SinCos(r);
        sin = DoubleDouble.OrderedSum(sin.High, sin.Low);
        cos = DoubleDouble.OrderedSum(cos.High, cos.Low);
        var odd = I64.Same(quadrant & 1, 1);
        var numerator = new DoubleDouble(Select(odd, cos.High, sin.High), Select(odd, cos.Low, sin.Low));
        var denominator = new DoubleDouble(Select(odd, sin.High, cos.High), Select(odd, sin.Low, cos.Low));
        var result = (DoubleDouble.RoundedQuotient(numerator, denominator).Bits ^ (quadrant << 63)).AsF64;
        return Select(Abs(x) < OwnSine, x, result).Value;
    }

    private static F64 InQuadrant(DoubleDouble r, Truth useCos, I64 signInBit1)
    {
        var (sin, cos) = SinCos(r);
        var sum = Select(useCos, cos.High, sin.High) + Select(useCos, cos.Low, sin.Low);
        return (sum.Bits ^ (signInBit1 << 62)).AsF64;
    }

    private static (DoubleDouble Sin, DoubleDouble Cos) SinCos(DoubleDouble r)
    {
        var z = r.High * r.High;
        var half = z * 0.5;
        var sinLow = Fma(r.High * z, Polynomial(SinTail, z), Fma(-half, r.Low, r.Low));
        var cosHigh = 1 - half;
        var zLow = Fma(r.High, r.High, -z);
        var cosLow = ((1 - cosHigh) - half) + Fma(z * z, Polynomial(CosTail, z), Fma(zLow, -0.5, -(r.High * r.Low)));
        return (new DoubleDouble(r.High, sinLow), new DoubleDouble(cosHigh, cosLow));
    }
}
