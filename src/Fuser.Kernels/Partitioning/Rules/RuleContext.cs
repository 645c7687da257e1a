using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>What a rule sees of a node, and what it can make of it.</summary>
internal sealed class RuleContext(NodeArguments arguments, ScalarSlots slots, GraphEvaluator evaluator)
{
    public int Count => arguments.Values.Length;

    public PlanValue this[int index] => arguments.Values[index];

    public PlanTensor Tensor(int index) => arguments.Tensor(index);

    /// <summary>A tensor that may be None or left out.</summary>
    public PlanTensor? OptionalTensor(int index) => IsNone(index) ? null : arguments.Tensor(index);

    /// <summary>Whether an argument is None or left out.</summary>
    public bool IsNone(int index) => index >= Count || this[index] is PlanConstant { Value: null };

    /// <summary>A number that shapes the plan.</summary>
    public long Integer(int index) => arguments.Integer(index);

    public long Integer(int index, long whenAbsent) => IsNone(index) ? whenAbsent : arguments.Integer(index);

    public bool Boolean(int index, bool whenAbsent) => Integer(index, whenAbsent ? 1 : 0) != 0;

    public ImmutableArray<long> Integers(int index) => arguments.Integers(index);

    /// <summary>A dtype given by its code, or null for None.</summary>
    public DType? DTypeAt(int index) => IsNone(index) ? null : DTypeExtensions.FromTorchCode(Integer(index))
        ?? throw Error(ErrorCodes.UnsupportedDType, $"argument {index} is the dtype code {Integer(index)}, which is none of those offered");

    /// <summary>An elementwise operation of the catalogue on tensors and numbers; absent trailing arguments take their defaults.</summary>
    public PlanTensor Call(string kind, params ImmutableArray<PlanValue> values) =>
        ElementwiseEvaluation.Evaluate(OperationCatalogue.Find(kind)!, new NodeArguments(arguments.Node, values, slots), slots, evaluator);

    /// <summary>The tensor in another dtype.</summary>
    public PlanTensor Convert(PlanTensor tensor, DType dtype) => tensor.DType == dtype ? tensor : Call("aten::to", tensor, Number(dtype.TorchCode()));

    /// <summary>A number that decides what code is generated.</summary>
    public static PlanNumber Number(long value) => ScalarSlots.OfLiteral(value, new IntConstant(value));

    public ImmutableArray<PlanTensor> Run(Routine routine, ImmutableArray<PlanTensor> operands, params ImmutableArray<RoutineResult> results) =>
        evaluator.Run(routine, operands, results);

    public PlanTensor Look(PlanTensor tensor, View view) => evaluator.Look(tensor, view);

    public GraphException Error(string code, string message) => arguments.Error(code, message);
}
