using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Tensors;
using Single = Fuser.Kernels.Ir.Math.Float32;
using Twice = Fuser.Kernels.Ir.Math.Float64;

namespace Fuser.Numerics;

/// <summary>
/// A float32 function beside the float64 one that tells its true value: the float64 lowerings are other algorithms, are within 1 ulp of float64
/// and are tested against vectors of an arbitrary-precision library, so what they leave uncertain is 2e-9 float32 ulp.
/// </summary>
/// <param name="Bound">What is promised, in ulp.</param>
internal sealed record Float32Function(string Name, int Arity, Func<IrBuilder, IrValue[], IrValue> Lowering, Func<IrBuilder, IrValue[], IrValue> Truth, double Bound)
{
    /// <summary>float32 in, float32 out.</summary>
    public KernelIr Kernel() => Build(Name, Lowering, DType.Float32, (_, value) => value);

    /// <summary>float32 in, widened, float64 out.</summary>
    public KernelIr TruthKernel() => Build($"{Name}_truth", Truth, DType.Float64, (b, value) => b.Convert(value, IrType.Float64));

    /// <summary>Runs a kernel of this function over columns of arguments.</summary>
    public unsafe void Run<T>(ElementwiseKernel kernel, ReadOnlySpan<float> x, ReadOnlySpan<float> y, Span<T> results)
        where T : unmanaged
    {
        fixed (float* first = x, second = y)
        {
            fixed (T* output = results)
            {
                var arguments = stackalloc void*[] { first, Arity == 2 ? second : output, output };
                kernel.Run(arguments, results.Length);
            }
        }
    }

    private KernelIr Build(string name, Func<IrBuilder, IrValue[], IrValue> function, DType output, Func<IrBuilder, IrValue, IrValue> prepare)
    {
        var b = new IrBuilder();
        var inputs = new IrValue[Arity];
        for (var i = 0; i < Arity; i++)
        {
            inputs[i] = prepare(b, b.Load(b.AddArgument(new KernelArgument(ArgumentKind.Input, DType.Float32, InnerAccess.Varying))));
        }

        b.Store(b.AddArgument(new KernelArgument(ArgumentKind.Output, output, InnerAccess.Varying)), function(b, inputs));
        return b.Build(name);
    }
}

internal static class Float32Functions
{
    public static IReadOnlyList<Float32Function> All { get; } =
    [
        Unary("exp", Single.Exponential.Exp, Twice.Exponential.Exp),
        Unary("exp2", Single.Exponential.Exp2, Twice.Exponential.Exp2),
        Unary("expm1", Single.Exponential.Expm1, Twice.Exponential.Expm1),
        Unary("sigmoid", Single.Exponential.Sigmoid, Twice.Exponential.Sigmoid),
        Unary("log", Single.Logarithm.Log, Twice.Logarithm.Log),
        Unary("log2", Single.Logarithm.Log2, Twice.Logarithm.Log2),
        Unary("log10", Single.Logarithm.Log10, Twice.Logarithm.Log10),
        Unary("log1p", Single.Logarithm.Log1p, Twice.Logarithm.Log1p),
        Unary("sin", Single.Trigonometric.Sin, Twice.Trigonometric.Sin),
        Unary("cos", Single.Trigonometric.Cos, Twice.Trigonometric.Cos),
        Unary("tan", Single.Trigonometric.Tan, Twice.Trigonometric.Tan),
        Unary("asin", Single.InverseTrigonometric.Asin, Twice.InverseTrigonometric.Asin),
        Unary("acos", Single.InverseTrigonometric.Acos, Twice.InverseTrigonometric.Acos),
        Unary("atan", Single.InverseTrigonometric.Atan, Twice.InverseTrigonometric.Atan),
        Unary("sinh", Single.Hyperbolic.Sinh, Twice.Hyperbolic.Sinh),
        Unary("cosh", Single.Hyperbolic.Cosh, Twice.Hyperbolic.Cosh),
        Unary("tanh", Single.Hyperbolic.Tanh, Twice.Hyperbolic.Tanh),
        Unary("asinh", Single.InverseHyperbolic.Asinh, Twice.InverseHyperbolic.Asinh),
        Unary("acosh", Single.InverseHyperbolic.Acosh, Twice.InverseHyperbolic.Acosh),
        Unary("atanh", Single.InverseHyperbolic.Atanh, Twice.InverseHyperbolic.Atanh),
        Unary("erf", Single.ErrorFunction.Erf, Twice.ErrorFunction.Erf),
        Unary("erfc", Single.ErrorFunction.Erfc, Twice.ErrorFunction.Erfc),
        Unary("lgamma", Single.Gamma.Lgamma, Twice.Gamma.Lgamma),
        Unary("rsqrt", Single.Power.Rsqrt, Twice.Power.Rsqrt),
        Binary("pow", Single.Power.Pow, Twice.Power.Pow),
        Binary("atan2", Single.InverseTrigonometric.Atan2, Twice.InverseTrigonometric.Atan2),
        Binary("hypot", Single.Power.Hypot, Twice.Power.Hypot),
        Binary("logaddexp", Single.LogSum.LogAddExp, Twice.LogSum.LogAddExp),
    ];

    public static Float32Function? Find(string name) => All.FirstOrDefault(function => function.Name == name);

    private static Float32Function Unary(string name, Func<IrBuilder, IrValue, IrValue> single, Func<IrBuilder, IrValue, IrValue> twice) =>
        new(name, 1, (b, inputs) => single(b, inputs[0]), (b, inputs) => twice(b, inputs[0]), 1);

    private static Float32Function Binary(string name, Func<IrBuilder, IrValue, IrValue, IrValue> single, Func<IrBuilder, IrValue, IrValue, IrValue> twice) =>
        new(name, 2, (b, inputs) => single(b, inputs[0], inputs[1]), (b, inputs) => twice(b, inputs[0], inputs[1]), 1);
}
