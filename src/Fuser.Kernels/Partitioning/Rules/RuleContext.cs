using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>What a rule sees of a node, and what it can make of it.</summary>
internal sealed class RuleContext(NodeArguments arguments, ScalarSlots slots, GraphEvaluator evaluator)
{
    public NodeArguments Arguments { get; } = arguments;

    public string Kind => Arguments.Node.Kind;

    public int Count => Arguments.Values.Length;

    public PlanValue this[int index] => Arguments.Values[index];

    public PlanTensor Tensor(int index) => Arguments.Tensor(index);

    /// <summary>A tensor that may be None or left out.</summary>
    public PlanTensor? OptionalTensor(int index) => IsNone(index) ? null : Arguments.Tensor(index);

    /// <summary>Whether an argument is None or left out.</summary>
    public bool IsNone(int index) => index >= Count || this[index] is PlanConstant { Value: null };

    /// <summary>A number that shapes the plan.</summary>
    public long Integer(int index) => Arguments.Integer(index);

    /// <summary>A number of a list that shapes the plan.</summary>
    public long Integer(PlanNumber number) => slots.Structural(number).Integer;

    public long Integer(int index, long whenAbsent) => IsNone(index) ? whenAbsent : Arguments.Integer(index);

    /// <summary>A number as it is passed on to elementwise operations.</summary>
    public PlanNumber NumberArgument(int index) => Arguments.Number(index);

    public bool Boolean(int index, bool whenAbsent) => Integer(index, whenAbsent ? 1 : 0) != 0;

    public ImmutableArray<long> Integers(int index) => Arguments.Integers(index);

    public ImmutableArray<PlanTensor> Tensors(int index) => Arguments.Tensors(index);

    /// <summary>A string, or null when the argument is none.</summary>
    public string? Text(int index) => index < Count && this[index] is PlanConstant { Value: StringConstant text } ? text.Value : null;

    /// <exception cref="GraphException">They do not broadcast.</exception>
    public ImmutableArray<long> Broadcast(params ImmutableArray<ImmutableArray<long>> shapes) => GraphEvaluator.Broadcast(shapes, Arguments);

    /// <summary>A dtype given by its code, or null for None.</summary>
    public DType? DTypeAt(int index) => IsNone(index) ? null : DTypeExtensions.FromTorchCode(Integer(index))
        ?? throw Error(ErrorCodes.UnsupportedDType, $"argument {index} is the dtype code {Integer(index)}, which is none of those offered");

    /// <summary>An elementwise operation of the catalogue on tensors and numbers; absent trailing arguments take their defaults.</summary>
    public PlanTensor Call(string kind, params ImmutableArray<PlanValue> values) =>
        ElementwiseEvaluation.Evaluate(OperationCatalogue.Find(kind)!, new NodeArguments(Arguments.Node, values, slots), slots, evaluator);

    /// <summary>The tensor in another dtype.</summary>
    public PlanTensor Convert(PlanTensor tensor, DType dtype) => tensor.DType == dtype ? tensor : Call("aten::to", tensor, Number(dtype.TorchCode()));

    /// <summary>An argument that is a list of axes, counted from the end where negative; none given means all.</summary>
    public ImmutableArray<int> Axes(int index, PlanTensor tensor)
    {
        var all = Enumerable.Range(0, tensor.Shape.Length);
        if (IsNone(index))
        {
            return [.. all];
        }

        var given = Integers(index);
        ImmutableArray<int> axes = [.. given.Select(axis => ViewOperations.Axis(axis, tensor.Shape.Length)).Order()];
        if (axes.Distinct().Count() != axes.Length)
        {
            throw Error(ErrorCodes.InvalidShape, $"axes {Shapes.Text(given.AsSpan())} name one twice");
        }

        return given.IsEmpty ? [.. all] : tensor.Shape.IsEmpty ? [] : axes;
    }

    /// <summary>A tensor to calculate with.</summary>
    public PlanExpression this[PlanTensor tensor] => new(this, tensor);

    /// <summary>A tensor argument to calculate with.</summary>
    public PlanExpression Operand(int index) => new(this, Tensor(index));

    /// <summary>An argument that takes part in arithmetic: a number, which is no part of a key.</summary>
    public PlanNumber NumberAt(int index, double whenAbsent) => IsNone(index) ? Literal(whenAbsent) : Arguments.Number(index);

    /// <summary>A number that becomes an element of a dtype, which must hold it.</summary>
    /// <exception cref="GraphException">It does not.</exception>
    public PlanNumber Held(int index, string parameter, DType dtype)
    {
        var number = NumberArgument(index);
        var value = number.Literal ?? (dtype.IsNarrow() ? Literals.Of(slots.Structural(number)) : null);
        try
        {
            NumberRange.Require(Arguments.Node.Kind, parameter, value, dtype);
        }
        catch (GraphException error)
        {
            throw new GraphException(error.Code, error.Message, Arguments.Node.Position.Line, Arguments.Node.Position.Column, error);
        }

        return number;
    }

    /// <summary>The value of a number that decides what is planned.</summary>
    public double Structural(int index, double whenAbsent) => IsNone(index) ? whenAbsent : slots.Structural(Arguments.Number(index)) is { Kind: FuserValueKind.Float } real ? real.Float : Integer(index);

    /// <summary>A number that follows from shapes: other shapes need no other kernel.</summary>
    public PlanNumber OfShape(FuserValue value) => slots.OfShape(value);

    public static PlanNumber Literal(double value) => ScalarSlots.OfLiteral(value, new FloatConstant(value));

    /// <summary>Arithmetic on numbers, done at each call.</summary>
    public PlanNumber Calculate(string kind, params ImmutableArray<PlanNumber> operands) => slots.OfOperation(kind, operands);

    /// <summary>
    /// Combines along axes, which stay with size 1. Sums are added to 0, as eager's are: nothing but zeros of either sign comes to 0, not to -0. Sums and
    /// products of integers and truth values are int64, in memory too, as what they are made in.
    /// </summary>
    public PlanTensor Reduce(ReductionKind kind, PlanTensor tensor, ImmutableArray<int> axes)
    {
        if (kind is ReductionKind.Sum or ReductionKind.Product && !tensor.DType.IsFloatingPoint())
        {
            return Combine(kind, Convert(tensor, DType.Int64), axes);
        }

        var combined = Combine(kind, tensor, axes);
        return kind == ReductionKind.Sum && tensor.DType.IsFloatingPoint() ? Call("aten::add", combined, Number(0)) : combined;
    }

    private PlanTensor Combine(ReductionKind kind, PlanTensor tensor, ImmutableArray<int> axes)
    {
        ImmutableArray<bool> reduced = [.. tensor.Shape.Select((size, axis) => size != 1 && axes.Contains(axis))];
        if (!reduced.Contains(true))
        {
            return tensor;
        }

        var combined = evaluator.Reduced(tensor, kind, reduced);
        return tensor.Shape.Where((_, axis) => reduced[axis]).Contains(0) ? Expand(Empty(kind, tensor.DType), combined.Shape) : combined;
    }

    /// <summary>What nothing combined is.</summary>
    private PlanTensor Empty(ReductionKind kind, DType dtype)
    {
        var value = kind switch
        {
            ReductionKind.Sum => 0,
            ReductionKind.Product => 1,
            ReductionKind.Maximum => double.NegativeInfinity,
            _ => double.PositiveInfinity,
        };
        return evaluator.ConstantOf(dtype, dtype.IsFloatingPoint() ? new FloatConstant(value) : new IntConstant((long)value));
    }

    /// <summary>The index of each element along an axis, or with several weights in row-major order, as int64.</summary>
    public PlanTensor Indices(ImmutableArray<long> shape, ImmutableArray<long> weights) => evaluator.Indices(shape, weights);

    /// <summary>Without some axes of size 1.</summary>
    public PlanTensor Drop(PlanTensor tensor, ImmutableArray<int> axes)
    {
        ImmutableArray<int> kept = [.. Enumerable.Range(0, tensor.Shape.Length).Where(axis => !axes.Contains(axis))];
        return Look(tensor, new View(
            [.. kept.Select(axis => tensor.Shape[axis])],
            new IndexMap([.. Enumerable.Range(0, tensor.Shape.Length).Select(axis => kept.IndexOf(axis) is >= 0 and var dimension ? AxisSource.Of(dimension) : AxisSource.Fixed(0))])));
    }

    /// <summary>Broadcast to a shape.</summary>
    public PlanTensor Expand(PlanTensor tensor, ImmutableArray<long> shape) => Look(tensor, new View(shape, IndexMap.Broadcast(tensor.Shape, shape)));

    /// <summary>In another shape with as many elements; a copy where the memory does not allow a view.</summary>
    public PlanTensor Reshape(PlanTensor tensor, ImmutableArray<long> shape) =>
        tensor.Shape.AsSpan().SequenceEqual(shape.AsSpan()) ? tensor : Look(tensor, ViewOperations.ReshapeTo(tensor.Shape, shape));

    /// <summary>A 0-dim tensor of a number, which is no part of a key.</summary>
    public PlanTensor Scalar(PlanValue number, DType dtype) => Call("aten::scalar_tensor", number, Number(dtype.TorchCode()));

    /// <summary>One number in a shape; never in memory unless something has to read it there.</summary>
    public PlanTensor Filled(PlanValue number, DType dtype, ImmutableArray<long> shape)
    {
        Shapes.ElementCount(shape.AsSpan());
        return Expand(Scalar(number, dtype), shape);
    }

    /// <summary>One behind the other along an axis.</summary>
    public PlanTensor Concatenate(ImmutableArray<PlanTensor> parts, int axis) => parts.Length == 1 ? parts[0] : evaluator.Concatenate(parts, axis, Arguments);

    /// <summary>Part of an axis, which must exist.</summary>
    public PlanTensor Narrow(PlanTensor tensor, int axis, long start, long length) => start == 0 && length == tensor.Shape[axis]
        ? tensor
        : Look(tensor, new View(tensor.Shape.SetItem(axis, length), new IndexMap(IndexMap.Identity(tensor.Shape.Length).Axes.SetItem(axis, new AxisSource(axis, 1, start)))));

    /// <summary>A number that decides what code is generated.</summary>
    public static PlanNumber Number(long value) => ScalarSlots.OfLiteral(value, new IntConstant(value));

    public ImmutableArray<PlanTensor> Run(Routine routine, ImmutableArray<PlanTensor> operands, params ImmutableArray<RoutineResult> results) =>
        evaluator.Run(routine, operands, results);

    public PlanTensor Look(PlanTensor tensor, View view) => evaluator.Look(tensor, view);

    public GraphException Error(string code, string message) => Arguments.Error(code, message);
}
