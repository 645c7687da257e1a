namespace Fuser.Kernels.Ir.Math;

/// <summary>
/// The elementary functions by the type of their argument: float32 and float64 have their own algorithms. 16-bit
/// floats are computed with in float32.
/// </summary>
internal static class ElementaryFunctions
{
    public static IrValue Exp(IrBuilder b, IrValue x) => By(b, x, Float32.Exponential.Exp, null);

    public static IrValue Exp2(IrBuilder b, IrValue x) => By(b, x, Float32.Exponential.Exp2, null);

    public static IrValue Expm1(IrBuilder b, IrValue x) => By(b, x, Float32.Exponential.Expm1, null);

    public static IrValue Sigmoid(IrBuilder b, IrValue x) => By(b, x, Float32.Exponential.Sigmoid, null);

    public static IrValue Log(IrBuilder b, IrValue x) => By(b, x, Float32.Logarithm.Log, null);

    public static IrValue Log2(IrBuilder b, IrValue x) => By(b, x, Float32.Logarithm.Log2, null);

    public static IrValue Log10(IrBuilder b, IrValue x) => By(b, x, Float32.Logarithm.Log10, null);

    public static IrValue Log1p(IrBuilder b, IrValue x) => By(b, x, Float32.Logarithm.Log1p, null);

    public static IrValue Sin(IrBuilder b, IrValue x) => By(b, x, Float32.Trigonometric.Sin, null);

    public static IrValue Cos(IrBuilder b, IrValue x) => By(b, x, Float32.Trigonometric.Cos, null);

    public static IrValue Tan(IrBuilder b, IrValue x) => By(b, x, Float32.Trigonometric.Tan, null);

    public static IrValue Asin(IrBuilder b, IrValue x) => By(b, x, Float32.InverseTrigonometric.Asin, null);

    public static IrValue Acos(IrBuilder b, IrValue x) => By(b, x, Float32.InverseTrigonometric.Acos, null);

    public static IrValue Atan(IrBuilder b, IrValue x) => By(b, x, Float32.InverseTrigonometric.Atan, null);

    public static IrValue Sinh(IrBuilder b, IrValue x) => By(b, x, Float32.Hyperbolic.Sinh, null);

    public static IrValue Cosh(IrBuilder b, IrValue x) => By(b, x, Float32.Hyperbolic.Cosh, null);

    public static IrValue Tanh(IrBuilder b, IrValue x) => By(b, x, Float32.Hyperbolic.Tanh, null);

    public static IrValue Asinh(IrBuilder b, IrValue x) => By(b, x, Float32.InverseHyperbolic.Asinh, null);

    public static IrValue Acosh(IrBuilder b, IrValue x) => By(b, x, Float32.InverseHyperbolic.Acosh, null);

    public static IrValue Atanh(IrBuilder b, IrValue x) => By(b, x, Float32.InverseHyperbolic.Atanh, null);

    public static IrValue Erf(IrBuilder b, IrValue x) => By(b, x, Float32.ErrorFunction.Erf, null);

    public static IrValue Erfc(IrBuilder b, IrValue x) => By(b, x, Float32.ErrorFunction.Erfc, null);

    public static IrValue Lgamma(IrBuilder b, IrValue x) => By(b, x, Float32.Gamma.Lgamma, null);

    public static IrValue Rsqrt(IrBuilder b, IrValue x) => By(b, x, Float32.Power.Rsqrt, null);

    public static IrValue Pow(IrBuilder b, IrValue x, IrValue y) => By(b, x, y, Float32.Power.Pow, null);

    public static IrValue Atan2(IrBuilder b, IrValue y, IrValue x) => By(b, y, x, Float32.InverseTrigonometric.Atan2, null);

    public static IrValue Hypot(IrBuilder b, IrValue x, IrValue y) => By(b, x, y, Float32.Power.Hypot, null);

    private static IrValue By(IrBuilder b, IrValue x, Func<IrBuilder, IrValue, IrValue> single, Func<IrBuilder, IrValue, IrValue>? twice) =>
        x.Type == IrType.Float32 ? single(b, x) : (twice ?? throw NoFloat64())(b, x);

    private static IrValue By(IrBuilder b, IrValue x, IrValue y, Func<IrBuilder, IrValue, IrValue, IrValue> single, Func<IrBuilder, IrValue, IrValue, IrValue>? twice) =>
        x.Type == IrType.Float32 ? single(b, x, y) : (twice ?? throw NoFloat64())(b, x, y);

    private static GraphException NoFloat64() => new(ErrorCodes.UnsupportedDType, "got float64, wanted float32 for an elementary function. Convert the input with aten::to first.");
}
