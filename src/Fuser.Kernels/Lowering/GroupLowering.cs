using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Math;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Lowering;

/// <summary>Turns a spec and the types of its arguments into the IR of its kernel: each operation of the group becomes its meaning.</summary>
internal sealed class GroupLowering
{
    private readonly IrBuilder _builder = new();
    private readonly Dictionary<Value, LoweredValue> _values = new(ReferenceEqualityComparer.Instance);

    /// <summary>A value of the group: its number in the kernel, and what it counts as in type promotion.</summary>
    private readonly record struct LoweredValue(IrValue? Value, OperandType Type);

    public static KernelIr Lower(KernelSpec spec, ArgSpec arguments) => new GroupLowering().Run(spec, arguments);

    private KernelIr Run(KernelSpec spec, ArgSpec arguments)
    {
        var graph = spec.Graph;
        for (var i = 0; i < arguments.Arguments.Length; i++)
        {
            var argument = arguments.Arguments[i];
            _builder.AddArgument(new KernelArgument(argument.Kind, argument.Storage, argument.Access));
            if (i < graph.Inputs.Length)
            {
                _values.Add(graph.Inputs[i], new LoweredValue(LoadArgument(i, argument), new OperandType(argument.Rank, argument.DType)));
            }
        }

        foreach (var node in graph.Nodes)
        {
            _values.Add(node.Outputs[0], LowerNode(node));
        }

        for (var i = 0; i < graph.Outputs.Length; i++)
        {
            var output = graph.Inputs.Length + i;
            _builder.Store(output, ToStorage(_values[graph.Outputs[i]], arguments.Arguments[output].Storage));
        }

        return _builder.Build($"k_{spec.Key.ToString()[..12]}");
    }

    private IrValue LoadArgument(int index, ArgumentSpec argument) => argument.Kind switch
    {
        ArgumentKind.Scalar => _builder.Scalar(index),
        ArgumentKind.Index => _builder.Index(index),
        _ => argument.Storage switch
        {
            DType.Float16 => HalfFormats.Float16ToFloat32(_builder, _builder.Load(index)),
            DType.BFloat16 => HalfFormats.BFloat16ToFloat32(_builder, _builder.Load(index)),
            _ => _builder.Load(index),
        },
    };

    private IrValue ToStorage(LoweredValue value, DType storage) => storage switch
    {
        DType.Float16 => HalfFormats.Float32ToFloat16(_builder, value.Value!.Value),
        DType.BFloat16 => HalfFormats.Float32ToBFloat16(_builder, value.Value!.Value),
        _ => value.Value!.Value,
    };

    private LoweredValue LowerNode(Node node)
    {
        switch (node.Kind)
        {
            case "prim::Constant":
                return LowerConstant(node);
            case "prim::AsZeroDim" or "prim::AsDimensioned":
                var value = _values[node.Inputs[0]];
                return value with { Type = value.Type with { Rank = node.Kind == "prim::AsZeroDim" ? OperandRank.ZeroDimensional : OperandRank.Dimensioned } };
            case "prim::Convert":
                var source = _values[node.Inputs[0]];
                var dtype = DTypeExtensions.FromTorchCode(((IntConstant)node.Attribute("dtype")!).Value)!.Value;
                return new LoweredValue(Convert(source, dtype), source.Type with { DType = dtype });
            default:
                return LowerOperation(node);
        }
    }

    private LoweredValue LowerConstant(Node node)
    {
        if (node.Attribute("value") is TensorConstant tensor)
        {
            return LowerConstantTensor(tensor, ((TensorType)node.Outputs[0].Type).DType!.Value);
        }

        var type = OperandType.OfConstant(node.Attribute("value"));
        IrValue? value = type.Constant switch
        {
            IntConstant number => _builder.Int64(number.Value),
            FloatConstant number => _builder.Float64(number.Value),
            BoolConstant number => _builder.Bool(number.Value),
            _ => null,
        };
        return new LoweredValue(value, type);
    }

    private LoweredValue LowerConstantTensor(TensorConstant tensor, DType dtype)
    {
        var (value, from) = tensor.Item is IntConstant whole ? (_builder.Int64(whole.Value), DType.Int64) : (_builder.Float64(((FloatConstant)tensor.Item).Value), DType.Float64);
        return new LoweredValue(ValueConversion.Convert(_builder, value, from, dtype), new OperandType(OperandRank.ZeroDimensional, dtype));
    }

    private LoweredValue LowerOperation(Node node)
    {
        var operation = OperationCatalogue.Find(node.Kind)!;
        var count = operation.Parameters.Length;
        var operands = node.Inputs.Select(input => _values[input]).ToArray();
        var types = new OperandTypes(operation, [.. operands.Take(count).Select(operand => operand.Type)]);
        var random = operation.IsRandom
            ? new RandomSource(operands[count].Value!.Value, operands[count + 1].Value!.Value, operands[count + 2].Value!.Value)
            : null;
        var (value, dtype) = OperationLowering.Apply(_builder, types, [.. operands.Take(count).Select(operand => operand.Value)], random);
        var rank = operands.Any(operand => operand.Type.Rank == OperandRank.Dimensioned) ? OperandRank.Dimensioned : OperandRank.ZeroDimensional;
        return new LoweredValue(value, new OperandType(rank, dtype));
    }

    private IrValue Convert(LoweredValue value, DType to) => ValueConversion.Promote(_builder, value.Value!.Value, value.Type.DType, to);
}
