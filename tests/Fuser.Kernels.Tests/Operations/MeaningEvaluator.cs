using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Math;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Operations;

/// <summary>
/// Runs one operation of the catalogue by itself: a kernel with nothing but its meaning, on the interpreter unless another target
/// is given. Arguments are what a graph would hold: one-dimensional or 0-dim arrays, numbers, flags, strings, null for None,
/// a <see cref="DType"/> for its code, and <see cref="Runtime"/> for a number that the kernel learns only when it runs.
/// </summary>
internal static class MeaningEvaluator
{
    public const long Seed = 42;

    public static NdArray Evaluate(string kind, params object?[] arguments) => EvaluateOn(InterpreterTarget.Instance, kind, arguments);

    public static unsafe NdArray EvaluateOn(IKernelTarget target, string kind, params object?[] arguments)
    {
        var (ir, memory) = Build(kind, arguments);
        var count = arguments.OfType<NdArray>().Where(array => array.Shape.Length > 0).Select(array => array.ElementCount).DefaultIfEmpty(1).Max();
        var result = NdArray.Allocate(ir.Arguments[^1].DType, [count]);
        memory.Add(result);

        var kernel = target.Compile(ir);
        var pins = memory.ConvertAll(array => array.Pin());
        try
        {
            var pointers = stackalloc void*[pins.Count];
            for (var i = 0; i < pins.Count; i++)
            {
                pointers[i] = pins[i].Pointer;
            }

            kernel.Run(pointers, (nint)count);
        }
        finally
        {
            pins.ForEach(pin => pin.Dispose());
        }

        return result;
    }

    /// <summary>The kernel of the operation alone.</summary>
    public static KernelIr Lower(string kind, params object?[] arguments) => Build(kind, arguments).Ir;

    /// <summary>The result's dtype, without lowering anything.</summary>
    public static DType ResultType(string kind, params object?[] arguments)
    {
        var operands = Operands(kind, arguments);
        return operands.Operation.Types(operands).Result;
    }

    /// <summary>The kernel, whose last argument is the result, and the memory of the arguments before it.</summary>
    private static (KernelIr Ir, List<NdArray> Memory) Build(string kind, object?[] arguments)
    {
        var operands = Operands(kind, arguments);
        var b = new IrBuilder();
        var memory = new List<NdArray>();
        var random = operands.Operation.IsRandom ? AddRandom(b, memory) : null;
        var values = new IrValue?[operands.Count];
        for (var i = 0; i < arguments.Length; i++)
        {
            values[i] = Load(b, memory, operands, i, arguments[i]);
        }

        var (value, dtype) = OperationLowering.Apply(b, operands, values, random);
        b.Store(b.AddArgument(new KernelArgument(ArgumentKind.Output, dtype, InnerAccess.Varying)), Stored(b, value, dtype));
        var ir = b.Build(kind);
        IrVerifier.Verify(ir);
        return (ir, memory);
    }

    private static OperandTypes Operands(string kind, object?[] arguments)
    {
        var operation = OperationCatalogue.Find(kind) ?? throw new ArgumentException($"{kind} is not in the catalogue", nameof(kind));
        return OperandTypes.Create(operation, [.. arguments.Select(TypeOf)]);
    }

    private static OperandType TypeOf(object? argument) => argument switch
    {
        NdArray array => new OperandType(array.Shape.Length == 0 ? OperandRank.ZeroDimensional : OperandRank.Dimensioned, array.DType),
        Runtime number => OperandType.OfConstant(Constant(number.Value)) with { Constant = null },
        _ => OperandType.OfConstant(Constant(argument)),
    };

    private static ConstantValue? Constant(object? argument) => argument switch
    {
        null => null,
        bool flag => new BoolConstant(flag),
        int or long => new IntConstant(System.Convert.ToInt64(argument)),
        float or double => new FloatConstant(System.Convert.ToDouble(argument)),
        string text => new StringConstant(text),
        DType dtype => new IntConstant(dtype.TorchCode()),
        _ => throw new ArgumentException($"{argument} is no argument of an operation", nameof(argument)),
    };

    private static IrValue? Load(IrBuilder b, List<NdArray> memory, OperandTypes operands, int index, object? argument)
    {
        switch (argument)
        {
            case NdArray array when operands.Operation.Parameters[index].Kind == ParameterKind.Like:
                return null;
            case NdArray array:
                memory.Add(array);
                var access = array.Shape.Length == 0 ? InnerAccess.Uniform : InnerAccess.Varying;
                var loaded = b.Load(b.AddArgument(new KernelArgument(ArgumentKind.Input, array.DType, access)));
                return array.DType switch
                {
                    DType.Float16 => HalfFormats.Float16ToFloat32(b, loaded),
                    DType.BFloat16 => HalfFormats.BFloat16ToFloat32(b, loaded),
                    _ => loaded,
                };
            case Runtime number:
                memory.Add(number.Value switch
                {
                    bool flag => NdArray.Scalar(flag ? 1L : 0L),
                    int or long => NdArray.Scalar(System.Convert.ToInt64(number.Value)),
                    _ => NdArray.Scalar(System.Convert.ToDouble(number.Value)),
                });
                return b.Scalar(b.AddArgument(new KernelArgument(ArgumentKind.Scalar, operands[index].DType, InnerAccess.Uniform)));
            default:
                return null;
        }
    }

    private static IrValue Stored(IrBuilder b, IrValue value, DType dtype) => dtype switch
    {
        DType.Float16 => HalfFormats.Float32ToFloat16(b, value),
        DType.BFloat16 => HalfFormats.Float32ToBFloat16(b, value),
        _ => value,
    };

    private static RandomSource AddRandom(IrBuilder b, List<NdArray> memory)
    {
        memory.Add(NdArray.Scalar(Seed));
        var seed = b.Scalar(b.AddArgument(new KernelArgument(ArgumentKind.Scalar, DType.Int64, InnerAccess.Uniform)));
        memory.Add(NdArray.From([0L, 1L]));
        var element = b.Index(b.AddArgument(new KernelArgument(ArgumentKind.Index, DType.Int64, InnerAccess.Varying)));
        return new RandomSource(seed, b.Int64(0), element);
    }
}

/// <summary>A number that is not known when the kernel is built.</summary>
internal sealed record Runtime(object Value);
