using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Lowering;

/// <summary>A value of a group: what computes it, and what it counts as in type promotion.</summary>
/// <param name="Value">Null for what has no value of its own: None, a string.</param>
internal readonly record struct LoweredValue(IrValue? Value, OperandType Type);

/// <summary>Lowers nodes of a group's graph into a kernel: each operation becomes its meaning.</summary>
/// <param name="values">The values that are known; the caller adds what is lowered.</param>
internal sealed class NodeLowering(IrBuilder builder, Dictionary<Value, LoweredValue> values)
{
    public LoweredValue Lower(Node node)
    {
        switch (node.Kind)
        {
            case "prim::Constant":
                return LowerConstant(node);
            case "prim::AsZeroDim" or "prim::AsDimensioned":
                var value = values[node.Inputs[0]];
                return value with { Type = value.Type with { Rank = node.Kind == "prim::AsZeroDim" ? OperandRank.ZeroDimensional : OperandRank.Dimensioned } };
            case "prim::Convert":
                var source = values[node.Inputs[0]];
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
            IntConstant number => builder.Int64(number.Value),
            FloatConstant number => builder.Float64(number.Value),
            BoolConstant number => builder.Bool(number.Value),
            _ => null,
        };
        return new LoweredValue(value, type);
    }

    private LoweredValue LowerConstantTensor(TensorConstant tensor, DType dtype)
    {
        var (value, from) = tensor.Item is IntConstant whole ? (builder.Int64(whole.Value), DType.Int64) : (builder.Float64(((FloatConstant)tensor.Item).Value), DType.Float64);
        return new LoweredValue(ValueConversion.Convert(builder, value, from, dtype), new OperandType(OperandRank.ZeroDimensional, dtype));
    }

    private LoweredValue LowerOperation(Node node)
    {
        var operation = OperationCatalogue.Find(node.Kind)!;
        var count = operation.Parameters.Length;
        var operands = node.Inputs.Select(input => values[input]).ToArray();
        var types = new OperandTypes(operation, [.. operands.Take(count).Select(operand => operand.Type)]);
        var random = operation.IsRandom
            ? new RandomSource(operands[count].Value!.Value, operands[count + 1].Value!.Value, operands[count + 2].Value!.Value)
            : null;
        var (value, dtype) = OperationLowering.Apply(builder, types, [.. operands.Take(count).Select(operand => operand.Value)], random);
        var rank = operands.Any(operand => operand.Type.Rank == OperandRank.Dimensioned) ? OperandRank.Dimensioned : OperandRank.ZeroDimensional;
        return new LoweredValue(value, new OperandType(rank, dtype));
    }

    private IrValue Convert(LoweredValue value, DType to) => ValueConversion.Promote(builder, value.Value!.Value, value.Type.DType, to);
}
