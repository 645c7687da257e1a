using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Math.Float64;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Ir.Math;

/// <summary>Every float64 lowering by name, and kernels of one of them over arrays.</summary>
internal static class Float64Functions
{
    private static readonly Dictionary<string, Func<IrBuilder, IrValue, IrValue>> Unary = new()
    {
        ["exp"] = Exponential.Exp,
        ["exp2"] = Exponential.Exp2,
        ["expm1"] = Exponential.Expm1,
        ["sigmoid"] = Exponential.Sigmoid,
        ["log"] = Logarithm.Log,
        ["log2"] = Logarithm.Log2,
        ["log10"] = Logarithm.Log10,
        ["log1p"] = Logarithm.Log1p,
        ["sin"] = Trigonometric.Sin,
        ["cos"] = Trigonometric.Cos,
        ["tan"] = Trigonometric.Tan,
        ["asin"] = InverseTrigonometric.Asin,
        ["acos"] = InverseTrigonometric.Acos,
        ["atan"] = InverseTrigonometric.Atan,
        ["sinh"] = Hyperbolic.Sinh,
        ["cosh"] = Hyperbolic.Cosh,
        ["tanh"] = Hyperbolic.Tanh,
        ["asinh"] = InverseHyperbolic.Asinh,
        ["acosh"] = InverseHyperbolic.Acosh,
        ["atanh"] = InverseHyperbolic.Atanh,
        ["erf"] = ErrorFunction.Erf,
        ["erfc"] = ErrorFunction.Erfc,
        ["lgamma"] = Gamma.Lgamma,
        ["rsqrt"] = Power.Rsqrt,
    };

    private static readonly Dictionary<string, Func<IrBuilder, IrValue, IrValue, IrValue>> Binary = new()
    {
        ["pow"] = Power.Pow,
        ["hypot"] = Power.Hypot,
        ["atan2"] = InverseTrigonometric.Atan2,
        ["logaddexp"] = LogSum.LogAddExp,
    };

    public static IEnumerable<string> UnaryNames => Unary.Keys;

    public static IEnumerable<string> Names => Unary.Keys.Concat(Binary.Keys);

    public static KernelIr Kernel(string name)
    {
        var b = new IrBuilder();
        IrValue Input() => b.Load(b.AddArgument(new KernelArgument(ArgumentKind.Input, DType.Float64, InnerAccess.Varying)));
        var x = Input();
        var result = Unary.TryGetValue(name, out var unary) ? unary(b, x) : Binary[name](b, x, Input());
        b.Store(b.AddArgument(new KernelArgument(ArgumentKind.Output, DType.Float64, InnerAccess.Varying)), result);
        return b.Build(name);
    }

    /// <summary>One result per row of arguments, by the interpreter.</summary>
    public static double[] Interpret(string name, params double[][] columns) => Run(InterpreterTarget.Instance, name, columns);

    public static unsafe double[] Run(IKernelTarget target, string name, params double[][] columns)
    {
        var kernel = target.Compile(Kernel(name));
        var result = new double[columns[0].Length];
        fixed (double* x = columns[0], y = columns[^1], output = result)
        {
            var arguments = stackalloc void*[] { x, columns.Length == 2 ? y : output, output };
            kernel.Run(arguments, result.Length);
        }

        return result;
    }

    /// <summary>Vector code of every width; what the machine lacks is emulated.</summary>
    public static IEnumerable<SimdTarget> SimdTargets => new[] { SimdWidth.None, SimdWidth.V128, SimdWidth.V256, SimdWidth.V512 }.Select(width => new SimdTarget(width));
}
