using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>What a value of the graph is for one signature of inputs, before anything runs.</summary>
internal abstract class PlanValue;

/// <summary>None, a string, or another literal that only steers the plan.</summary>
internal sealed class PlanConstant(ConstantValue? value) : PlanValue
{
    public ConstantValue? Value { get; } = value;
}

/// <summary>A list or tuple.</summary>
internal sealed class PlanList(ImmutableArray<PlanValue> items) : PlanValue
{
    public ImmutableArray<PlanValue> Items { get; } = items;
}

/// <summary>
/// A plain number. Literals are written into the graph of a group; everything else has a slot that is filled at each call, so that another number needs no other kernel.
/// </summary>
internal sealed class PlanNumber(FuserValue value, ConstantValue? literal, int slot, bool dependsOnInputs) : PlanValue
{
    /// <summary>What it is for the inputs the plan is made with.</summary>
    public FuserValue Value { get; } = value;

    public ConstantValue? Literal { get; } = literal;

    public int Slot { get; } = slot;

    /// <summary>Whether another call with arrays of the same shapes can give another number.</summary>
    public bool DependsOnInputs { get; } = dependsOnInputs;

    /// <summary>The dtype with which it takes part in promotion.</summary>
    public DType Category => Value.Kind switch
    {
        FuserValueKind.Boolean => DType.Bool,
        FuserValueKind.Integer => DType.Int64,
        _ => DType.Float64,
    };
}

/// <summary>A tensor. Ids grow along the graph, so operands have smaller ids than what uses them.</summary>
internal abstract class PlanTensor(int id, DType dtype, ImmutableArray<long> shape) : PlanValue
{
    public int Id { get; } = id;

    /// <summary>The dtype the graph gives it. What is computed in float32 for a 16-bit float is still called float16.</summary>
    public DType DType { get; } = dtype;

    public ImmutableArray<long> Shape { get; } = shape;
}

/// <summary>A tensor in memory: an input, or what an earlier step writes.</summary>
/// <param name="written">What whoever reads it waits for, when that is less than all of the buffer.</param>
internal sealed class StoredTensor(int id, DType dtype, int buffer, DType storage, TensorLayout layout, int? written = null) : PlanTensor(id, dtype, layout.Sizes)
{
    public int Buffer { get; } = buffer;

    /// <summary>What whoever reads it waits for: the buffer, or a number of its own below 0 where a routine writes it as a part of a larger tensor.</summary>
    public int Written { get; } = written ?? buffer;

    /// <summary>How its elements are kept: its dtype, or float32 for an intermediate 16-bit float.</summary>
    public DType Storage { get; } = storage;

    public TensorLayout Layout { get; } = layout;
}

/// <summary>A 0-dim tensor that is written in the graph.</summary>
internal sealed class ConstantTensor(int id, DType dtype, ConstantValue literal) : PlanTensor(id, dtype, [])
{
    public ConstantValue Literal { get; } = literal;
}

/// <summary>An elementwise operation that has not been given to a kernel yet.</summary>
internal sealed class ComputedTensor(int id, DType dtype, ImmutableArray<long> shape, Operation operation, ImmutableArray<PlanValue> arguments, int randomNode) : PlanTensor(id, dtype, shape)
{
    public Operation Operation { get; } = operation;

    /// <summary>One per parameter of the operation; tensors broadcast to this tensor's shape.</summary>
    public ImmutableArray<PlanValue> Arguments { get; } = arguments;

    /// <summary>Which random node of the graph this is, from 0; -1 when it is none.</summary>
    public int RandomNode { get; } = randomNode;
}

/// <summary>A tensor combined along some axes, which have size 1 in it.</summary>
/// <param name="axes">For each axis of the source whether it is reduced; never one of size 1.</param>
internal sealed class ReducedTensor(int id, PlanTensor source, ReductionKind kind, ImmutableArray<bool> axes)
    : PlanTensor(id, source.DType, [.. source.Shape.Select((size, axis) => axes[axis] ? 1 : size)])
{
    public PlanTensor Source { get; } = source;

    public ReductionKind Kind { get; } = kind;

    public ImmutableArray<bool> Axes { get; } = axes;
}

/// <summary>int64 numbers that follow from the index alone: a weight per axis, times the index along it.</summary>
internal sealed class IndexTensor(int id, ImmutableArray<long> shape, ImmutableArray<long> weights) : PlanTensor(id, DType.Int64, shape)
{
    public TensorLayout Indices { get; } = new(shape, weights);
}

/// <summary>A result of a routine.</summary>
internal sealed class RoutineTensor(int id, RoutineCall call, int output) : PlanTensor(id, call.Results[output].DType, call.Results[output].Shape)
{
    public RoutineCall Call { get; } = call;

    public int Output { get; } = output;
}

/// <summary>One use of a routine in a graph.</summary>
internal sealed class RoutineCall(Routine routine, ImmutableArray<PlanTensor> operands, ImmutableArray<RoutineResult> results)
{
    public Routine Routine { get; } = routine;

    public ImmutableArray<PlanTensor> Operands { get; } = operands;

    public ImmutableArray<RoutineResult> Results { get; } = results;
}

/// <summary>A view of a tensor that is not in memory, by index arithmetic alone.</summary>
internal sealed class ViewedTensor(int id, PlanTensor source, ImmutableArray<long> shape, IndexMap map) : PlanTensor(id, source.DType, shape)
{
    public PlanTensor Source { get; } = source;

    public IndexMap Map { get; } = map;
}

/// <summary>A reshape that no index arithmetic expresses: the source is put in memory first, row-major.</summary>
internal sealed class ReshapedTensor(int id, PlanTensor source, ImmutableArray<long> shape) : PlanTensor(id, source.DType, shape)
{
    public PlanTensor Source { get; } = source;
}

/// <summary>Tensors one behind the other along an axis; each part is written in place.</summary>
internal sealed class ConcatenatedTensor(int id, DType dtype, ImmutableArray<long> shape, ImmutableArray<PlanTensor> parts, int axis) : PlanTensor(id, dtype, shape)
{
    public ImmutableArray<PlanTensor> Parts { get; } = parts;

    /// <summary>How many tensors are written for it when the concatenations among its parts are written in place too.</summary>
    public int Leaves { get; } = parts.Sum(part => part is ConcatenatedTensor { IsSmall: true } nested ? nested.Leaves : 1);

    /// <summary>
    /// Whether it is taken apart as a part of another; a large one is put together by itself and copied, because concatenations
    /// of concatenations grow exponentially.
    /// </summary>
    public bool IsSmall => Leaves <= 16;

    public int Axis { get; } = axis;
}
