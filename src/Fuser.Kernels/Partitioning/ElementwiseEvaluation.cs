using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>Binds a node's arguments to the parameters of its operation, and finds the result's dtype and shape.</summary>
internal static class ElementwiseEvaluation
{
    public static PlanTensor Evaluate(Operation operation, NodeArguments arguments, ScalarSlots slots, GraphEvaluator evaluator)
    {
        var values = Bind(operation, arguments);
        if (operation.Kind == "aten::prelu")
        {
            values = values.SetItem(1, ChannelWeight(arguments, evaluator));
        }

        TypeResolution resolution;
        try
        {
            var types = OperandTypes.Create(operation, [.. arguments.Values.Select((value, i) => TypeOf(value, i < operation.Parameters.Length ? operation.Parameters[i] : null, operation, arguments, slots))]);
            resolution = operation.Types(types);
        }
        catch (GraphException error) when (error.Line == 0)
        {
            throw new GraphException(error.Code, error.Message, arguments.Node.Position.Line, arguments.Node.Position.Column, error);
        }

        var shape = GraphEvaluator.Broadcast([.. values.OfType<PlanTensor>().Select(tensor => tensor.Shape)], arguments);
        return evaluator.Computed(resolution.Result, shape, operation, values);
    }

    /// <summary>How a value enters type promotion. A number that decides code, or may be none that the type holds, is read now, and so becomes part of the signature.</summary>
    private static OperandType TypeOf(PlanValue value, Parameter? parameter, Operation operation, NodeArguments arguments, ScalarSlots slots) => value switch
    {
        PlanTensor tensor => new OperandType(tensor.Shape.IsEmpty ? OperandRank.ZeroDimensional : OperandRank.Dimensioned, tensor.DType),
        PlanNumber { Literal: { } literal } => OperandType.OfConstant(literal),
        PlanNumber number when Steers(parameter) || (operation.HoldsNumbers && arguments.Values[0] is PlanTensor self && self.DType.IsNarrow()) => OperandType.OfConstant(Literals.Of(slots.Structural(number))),
        PlanNumber number => new OperandType(OperandRank.Number, number.Category),
        PlanConstant constant => OperandType.OfConstant(constant.Value),
        _ when parameter?.Kind == ParameterKind.Ignored => OperandType.None,
        _ => throw arguments.Error(ErrorCodes.OperationArgument, $"{parameter?.Name ?? "an argument"} is {NodeArguments.Describe(value)}, wanted a tensor, a number or a constant"),
    };

    private static bool Steers(Parameter? parameter) => parameter?.Kind is ParameterKind.Constant or ParameterKind.Like;

    /// <summary>
    /// One value per parameter. What only names a dtype becomes that dtype's code, so that no tensor is read for its type; what has no influence is left out.
    /// </summary>
    private static ImmutableArray<PlanValue> Bind(Operation operation, NodeArguments arguments)
    {
        var given = arguments.Values;
        return
        [
            .. operation.Parameters.Select((parameter, i) => parameter.Kind switch
            {
                ParameterKind.Ignored => new PlanConstant(null),
                ParameterKind.Like when i < given.Length && given[i] is PlanTensor tensor => Literals.Value(new IntConstant(tensor.DType.TorchCode())),
                _ => i < given.Length ? given[i] : Literals.Value(parameter.Default),
            }),
        ];
    }

    /// <summary>The weight of prelu lies along axis 1 of its input, as PyTorch has it.</summary>
    private static PlanTensor ChannelWeight(NodeArguments arguments, GraphEvaluator evaluator)
    {
        var (self, weight) = (arguments.Tensor(0), arguments.Tensor(1));
        if (weight.Shape.Length != 1 || weight.Shape[0] == 1 || self.Shape.Length < 2)
        {
            return weight;
        }

        ImmutableArray<long> shape = [weight.Shape[0], .. Enumerable.Repeat(1L, self.Shape.Length - 2)];
        return evaluator.Look(weight, new View(shape, new IndexMap([AxisSource.Of(0)])));
    }
}
