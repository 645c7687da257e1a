namespace Fuser.Kernels.Ir.Math;

/// <summary>
/// The elementary functions by the type of their argument: float32 and float64 have their own algorithms. 16-bit
/// floats are computed with in float32.
/// </summary>
internal static class ElementaryFunctions
{
    public static IrValue Exp(IrBuilder b, IrValue x) => By(b, x, Float32.Exponential.Exp, Float64.Exponential.Exp);

    public static IrValue Exp2(IrBuilder b, IrValue x) => By(b, x, Float32.Exponential.Exp2, Float64.Exponential.Exp2);

    public static IrValue Expm1(IrBuilder b, IrValue x) => By(b, x, Float32.Exponential.Expm1, Float64.Exponential.Expm1);

    public static IrValue Sigmoid(IrBuilder b, IrValue x) => By(b, x, Float32.Exponential.Sigmoid, Float64.Exponential.Sigmoid);

    public static IrValue Log(IrBuilder b, IrValue x) => By(b, x, Float32.Logarithm.Log, Float64.Logarithm.Log);

    public static IrValue Log2(IrBuilder b, IrValue x) => By(b, x, Float32.Logarithm.Log2, Float64.Logarithm.Log2);

    public static IrValue Log10(IrBuilder b, IrValue x) => By(b, x, Float32.Logarithm.Log10, Float64.Logarithm.Log10);

    public static IrValue Log1p(IrBuilder b, IrValue x) => By(b, x, Float32.Logarithm.Log1p, Float64.Logarithm.Log1p);

    public static IrValue Sin(IrBuilder b, IrValue x) => By(b, x, Float32.Trigonometric.Sin, Float64.Trigonometric.Sin);

    public static IrValue Cos(IrBuilder b, IrValue x) => By(b, x, Float32.Trigonometric.Cos, Float64.Trigonometric.Cos);

    public static IrValue Tan(IrBuilder b, IrValue x) => By(b, x, Float32.Trigonometric.Tan, Float64.Trigonometric.Tan);

    public static IrValue Asin(IrBuilder b, IrValue x) => By(b, x, Float32.InverseTrigonometric.Asin, Float64.InverseTrigonometric.Asin);

    public static IrValue Acos(IrBuilder b, IrValue x) => By(b, x, Float32.InverseTrigonometric.Acos, Float64.InverseTrigonometric.Acos);

    public static IrValue Atan(IrBuilder b, IrValue x) => By(b, x, Float32.InverseTrigonometric.Atan, Float64.InverseTrigonometric.Atan);

    public static IrValue Sinh(IrBuilder b, IrValue x) => By(b, x, Float32.Hyperbolic.Sinh, Float64.Hyperbolic.Sinh);

    public static IrValue Cosh(IrBuilder b, IrValue x) => By(b, x, Float32.Hyperbolic.Cosh, Float64.Hyperbolic.Cosh);

    public static IrValue Tanh(IrBuilder b, IrValue x) => By(b, x, Float32.Hyperbolic.Tanh, Float64.Hyperbolic.Tanh);

    public static IrValue Asinh(IrBuilder b, IrValue x) => By(b, x, Float32.InverseHyperbolic.Asinh, Float64.InverseHyperbolic.Asinh);

    public static IrValue Acosh(IrBuilder b, IrValue x) => By(b, x, Float32.InverseHyperbolic.Acosh, Float64.InverseHyperbolic.Acosh);

    public static IrValue Atanh(IrBuilder b, IrValue x) => By(b, x, Float32.InverseHyperbolic.Atanh, Float64.InverseHyperbolic.Atanh);

    public static IrValue Erf(IrBuilder b, IrValue x) => By(b, x, Float32.ErrorFunction.Erf, Float64.ErrorFunction.Erf);

    public static IrValue Erfc(IrBuilder b, IrValue x) => By(b, x, Float32.ErrorFunction.Erfc, Float64.ErrorFunction.Erfc);

    public static IrValue Lgamma(IrBuilder b, IrValue x) => By(b, x, Float32.Gamma.Lgamma, Float64.Gamma.Lgamma);

    public static IrValue Rsqrt(IrBuilder b, IrValue x) => By(b, x, Float32.Power.Rsqrt, Float64.Power.Rsqrt);

    public static IrValue Pow(IrBuilder b, IrValue x, IrValue y) => By(b, x, y, Float32.Power.Pow, Float64.Power.Pow);

    public static IrValue Atan2(IrBuilder b, IrValue y, IrValue x) => By(b, y, x, Float32.InverseTrigonometric.Atan2, Float64.InverseTrigonometric.Atan2);

    public static IrValue Hypot(IrBuilder b, IrValue x, IrValue y) => By(b, x, y, Float32.Power.Hypot, Float64.Power.Hypot);

    public static IrValue LogAddExp(IrBuilder b, IrValue x, IrValue y) => By(b, x, y, Float32.LogSum.LogAddExp, Float64.LogSum.LogAddExp);

    private static IrValue By(IrBuilder b, IrValue x, Func<IrBuilder, IrValue, IrValue> narrow, Func<IrBuilder, IrValue, IrValue> wide) =>
        x.Type == IrType.Float32 ? narrow(b, x) : wide(b, x);

    private static IrValue By(IrBuilder b, IrValue x, IrValue y, Func<IrBuilder, IrValue, IrValue, IrValue> narrow, Func<IrBuilder, IrValue, IrValue, IrValue> wide) =>
        x.Type == IrType.Float32 ? narrow(b, x, y) : wide(b, x, y);
}
