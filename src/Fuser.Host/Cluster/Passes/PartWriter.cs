using System.Collections.Immutable;
using Fuser.Kernels;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;
using GraphNode = Fuser.Kernels.Graphs.Node;

namespace Fuser.Host.Cluster.Passes;

/// <summary>
/// Writes graphs of what the evaluation of a graph has found. Each operation in them is the one of the whole run on the same values, so each element gets the same bits;
/// numbers that follow from the number of rows are inputs, as a part has others.
/// </summary>
internal sealed class PartWriter
{
    private static readonly ListType IntList = new(GraphType.Int);

    private readonly Placement _placement;
    private readonly PartInputs _inputs;
    private readonly List<(Value Value, PartOperand Operand)> _operands = [];
    private readonly List<GraphNode> _nodes = [];
    private readonly Dictionary<PlanTensor, Value> _values = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<PartOperand, Value> _bound = [];
    private readonly Dictionary<(GraphType, ConstantValue?), Value> _constants = [];
    private int _names;

    private PartWriter(Placement placement, PartInputs inputs)
    {
        _placement = placement;
        _inputs = inputs;
    }

    /// <summary>The graph of a part: subtrees of reductions first, then rows.</summary>
    /// <param name="rows">Of every part but the last, a power of two.</param>
    /// <param name="count">Rows of this part.</param>
    public static PartGraph Part(Placement placement, PartInputs inputs, Pass pass, long rows, long count)
    {
        var writer = new PartWriter(placement, inputs);
        writer.Write([.. pass.Reductions.Select(reduction => reduction.Source), .. pass.Rows], tensor => placement[tensor] is { Kind: PlaceKind.Whole, Pass: > 0 }, writer.Finished);
        return writer.End([.. pass.Reductions.Select(reduction => writer.SubtreesOf(reduction, new Subtrees(reduction, rows), count)), .. pass.Rows.Select(tensor => writer._values[tensor])]);
    }

    /// <summary>The graph of what is made once, when the parts of a pass are there: what later passes need, then outputs.</summary>
    public static PartGraph Finish(Placement placement, PartInputs inputs, Pass pass)
    {
        var writer = new PartWriter(placement, inputs);
        writer.Write([.. pass.Carried, .. pass.Outputs], tensor => tensor is ReducedTensor reduction && placement.Reductions.Contains(reduction), tensor => writer.Tree((ReducedTensor)tensor));
        return writer.End([.. pass.Carried.Select(tensor => writer.Call("prim::AsFloat32", writer._values[tensor])), .. pass.Outputs.Select(tensor => writer._values[tensor])]);
    }

    private PartGraph End(ImmutableArray<Value> outputs) =>
        new(new Graph([.. _operands.Select(operand => operand.Value)], [.. _nodes], outputs), [.. _operands.Select(operand => operand.Operand)]);

    private void Write(IEnumerable<PlanTensor> wanted, Func<PlanTensor, bool> isLeaf, Func<PlanTensor, Value> leaf)
    {
        foreach (var tensor in PlanOrder.Of(wanted, isLeaf))
        {
            _values.Add(tensor, isLeaf(tensor) ? leaf(tensor) : Made(tensor));
        }
    }

    private Value Made(PlanTensor tensor) => tensor switch
    {
        StoredTensor stored => Look(Bind(new InputOperand(stored.Buffer), GraphType.Tensor), _inputs.Shapes[stored.Buffer], InputLook.Of(stored.Layout, _inputs.Shapes[stored.Buffer])!.Value, stored),
        ConstantTensor constant => Constant(TensorType.Of(constant.DType), new TensorConstant(constant.Literal)),
        IndexTensor index => Indices(index),
        ComputedTensor computed => Computed(computed),
        ReducedTensor reduced => Reduce(reduced.Kind, _values[reduced.Source], AxesOf(reduced), keep: true),
        ViewedTensor viewed => Look(_values[viewed.Source], viewed.Source.Shape, new View(viewed.Shape, viewed.Map), viewed),
        ReshapedTensor reshaped => Look(_values[reshaped.Source], reshaped.Source.Shape, new View(reshaped.Shape, null), reshaped),
        ConcatenatedTensor concatenated => Call("aten::cat", Add("prim::ListConstruct", new ListType(GraphType.Tensor), [.. concatenated.Parts.Select(part => _values[part])]), Int(concatenated.Axis)),
        _ => throw new InternalFuserException(ErrorCodes.Internal, $"a {tensor.GetType().Name} was taken apart"),
    };

    private Value Computed(ComputedTensor computed) => Add(computed.Operation.Kind, GraphType.Tensor, [.. computed.Arguments.Select((value, i) => value switch
    {
        PlanTensor operand => _values[operand],
        PlanNumber { Literal: { } literal } => Constant(literal),
        PlanNumber number when computed.Operation.Parameters[i].Kind is ParameterKind.Constant or ParameterKind.Like => Constant(Literals.Of(number.Value)),
        PlanNumber number => Bind(new NumberOperand(number.Slot, number.Value), number.Category == DType.Bool ? GraphType.Bool : number.Category == DType.Int64 ? GraphType.Int : GraphType.Float),
        PlanConstant constant => Constant(constant.Value),
        var other => throw new InternalFuserException(ErrorCodes.Internal, $"{computed.Operation.Kind} got {NodeArguments.Describe(other)} as an argument"),
    })]);

    private static ImmutableArray<long> AxesOf(ReducedTensor reduced) => [.. Enumerable.Range(0, reduced.Axes.Length).Where(axis => reduced.Axes[axis])];

    private Value Reduce(ReductionKind kind, Value value, ImmutableArray<long> axes, bool keep) => kind switch
    {
        ReductionKind.Sum => Call("aten::sum", value, Ints(axes), Constant(new BoolConstant(keep)), Constant(null)),
        ReductionKind.Product => Call("aten::prod", value, Ints(axes), Constant(new BoolConstant(keep)), Constant(null)),
        ReductionKind.Maximum => Call("aten::amax", value, Ints(axes), Constant(new BoolConstant(keep))),
        _ => Call("aten::amin", value, Ints(axes), Constant(new BoolConstant(keep))),
    };

    /// <summary>The subtrees in a part: one per result or, where their number matters, one behind the other along a first axis.</summary>
    private Value SubtreesOf(ReducedTensor reduction, Subtrees trees, long count)
    {
        var type = Subtrees.TypeOf(reduction);
        var value = reduction.DType == type ? _values[reduction.Source]
            : reduction.Kind == ReductionKind.Sum ? To(_values[reduction.Source], type)
            : Call("prim::AsFloat32", _values[reduction.Source]);
        if (trees.In(count) == 1)
        {
            return Reduce(reduction.Kind, value, AxesOf(reduction), keep: false);
        }

        var shape = reduction.Source.Shape;
        ImmutableArray<long> order = [.. AxesOf(reduction), .. Enumerable.Range(0, shape.Length).Where(axis => !reduction.Axes[axis])];
        ImmutableArray<long> results = [.. shape.Where((_, axis) => !reduction.Axes[axis])];
        var (elements, whole) = (count * trees.PerRow, count * trees.PerRow / trees.Stretch);
        var row = Call("aten::reshape", Call("aten::permute", value, Ints(order)), Ints([elements, .. results]));
        var stretches = Call("aten::reshape", Call("aten::narrow", row, Int(0), Int(0), Int(whole * trees.Stretch)), Ints([whole, trees.Stretch, .. results]));
        var subtrees = Reduce(reduction.Kind, stretches, [1], keep: false);
        if (elements == whole * trees.Stretch)
        {
            return subtrees;
        }

        var rest = Reduce(reduction.Kind, Call("aten::narrow", row, Int(0), Int(whole * trees.Stretch), Int(elements - (whole * trees.Stretch))), [0], keep: true);
        return Call("aten::cat", Add("prim::ListConstruct", new ListType(GraphType.Tensor), [subtrees, rest]), Int(0));
    }

    /// <summary>The tree over subtrees, which makes of them what the whole tree is, and its rounding.</summary>
    private Value Tree(ReducedTensor reduction)
    {
        var type = Subtrees.TypeOf(reduction);
        var value = Reduce(reduction.Kind, Bind(new SubtreesOperand(reduction), GraphType.Tensor), [0], keep: false);
        if (type == DType.Float64 && reduction.DType != DType.Float64)
        {
            value = To(value, DType.Float32);
        }

        return Call("aten::reshape", Narrowed(value, reduction.DType), Ints(reduction.Shape));
    }

    private Value Finished(PlanTensor tensor) => Narrowed(Bind(new FinishedOperand(tensor), GraphType.Tensor), tensor.DType);

    /// <summary>A float32 as the 16-bit float that it is called, not rounded.</summary>
    private Value Narrowed(Value value, DType dtype) =>
        dtype == DType.Float16 ? Call("prim::AsFloat16", value) : dtype == DType.BFloat16 ? Call("prim::AsBFloat16", value) : value;

    private Value Indices(IndexTensor index)
    {
        var kind = _placement[index].Kind;
        Value? sum = null;
        for (var axis = 0; axis < index.Shape.Length; axis++)
        {
            var weight = index.Indices.Strides[axis];
            if (weight == 0 || index.Shape[axis] == 1)
            {
                continue;
            }

            var isRows = axis == 0 && kind == PlaceKind.Rows;
            var steps = isRows
                ? Call("aten::add", Call("aten::arange", Bind(new RowCountOperand(), GraphType.Int)), Bind(new FirstRowOperand(), GraphType.Int), Int(1))
                : Call("aten::arange", Int(index.Shape[axis]));
            var term = Call("aten::reshape", Call("aten::mul", steps, Int(weight)), Ints([-1, .. Enumerable.Repeat(1L, index.Shape.Length - axis - 1)]));
            sum = sum is null ? term : Call("aten::add", sum, term, Int(1));
        }

        sum ??= Call("aten::zeros", Ints([]), Int(DType.Int64.TorchCode()));
        return Call("aten::expand", sum, Ints(kind switch
        {
            PlaceKind.Rows => index.Shape.SetItem(0, -1),
            PlaceKind.Repeated => index.Shape.SetItem(0, 1),
            _ => index.Shape,
        }));
    }

    /// <summary>A view, by operations that say it.</summary>
    private Value Look(Value value, ImmutableArray<long> source, View view, PlanTensor result)
    {
        // The size of the first axis is another one in every part, and never named.
        var sizes = _placement[result].Kind == PlaceKind.Whole ? view.Shape : view.Shape.SetItem(0, -1);
        if (view.Map is not { } map)
        {
            return Call("aten::reshape", value, Ints(sizes));
        }

        var dimensions = new List<int>();
        for (var axis = source.Length - 1; axis >= 0; axis--)
        {
            var (dimension, step, offset) = map.Axes[axis];
            if (dimension < 0)
            {
                value = Call("aten::select", value, Int(axis), Int(offset));
                continue;
            }

            dimensions.Insert(0, dimension);
            if (step != 1 || offset != 0 || view.Shape[dimension] != source[axis])
            {
                value = Sliced(value, axis, step, offset, view.Shape[dimension]);
            }
        }

        var order = dimensions.Order().ToList();
        if (!order.SequenceEqual(dimensions))
        {
            value = Call("aten::permute", value, Ints(order.Select(dimension => (long)dimensions.IndexOf(dimension))));
        }

        var added = Enumerable.Range(0, view.Shape.Length).Except(order).ToList();
        value = added.Aggregate(value, (seen, dimension) => Call("aten::unsqueeze", seen, Int(dimension)));
        return added.TrueForAll(dimension => sizes[dimension] is 1 or -1) ? value : Call("aten::expand", value, Ints(sizes));
    }

    private Value Sliced(Value value, int axis, long step, long offset, long size)
    {
        var first = step > 0 ? offset : offset + (step * (size - 1));
        var slice = Call("aten::slice", value, Int(axis), Int(first), Int(size == 0 ? first : first + (Math.Abs(step) * (size - 1)) + 1), Int(Math.Abs(step)));
        return step > 0 ? slice : Call("aten::flip", slice, Ints([axis]));
    }

    private Value To(Value value, DType dtype) => Call("aten::to", value, Int(dtype.TorchCode()));

    private Value Bind(PartOperand operand, GraphType type)
    {
        if (!_bound.TryGetValue(operand, out var value))
        {
            _bound.Add(operand, value = NewValue(type));
            _operands.Add((value, operand));
        }

        return value;
    }

    private Value Int(long value) => Constant(new IntConstant(value));

    private Value Ints(IEnumerable<long> values) => Add("prim::ListConstruct", IntList, [.. values.Select(Int)]);

    private Value Constant(ConstantValue? constant) => Constant(
        constant switch
        {
            IntConstant => GraphType.Int,
            FloatConstant => GraphType.Float,
            BoolConstant => GraphType.Bool,
            StringConstant => GraphType.String,
            _ => GraphType.None,
        },
        constant);

    private Value Constant(GraphType type, ConstantValue? constant)
    {
        if (!_constants.TryGetValue((type, constant), out var value))
        {
            value = NewValue(type);
            _nodes.Add(new GraphNode("prim::Constant", [], [value], constant is null ? [] : [new NodeAttribute("value", constant)]));
            _constants.Add((type, constant), value);
        }

        return value;
    }

    private Value Call(string kind, params ImmutableArray<Value> arguments) => Add(kind, GraphType.Tensor, arguments);

    private Value Add(string kind, GraphType type, ImmutableArray<Value> arguments)
    {
        var value = NewValue(type);
        _nodes.Add(new GraphNode(kind, arguments, [value]));
        return value;
    }

    private Value NewValue(GraphType type) => new((_names++).ToString(System.Globalization.CultureInfo.InvariantCulture), type);
}
