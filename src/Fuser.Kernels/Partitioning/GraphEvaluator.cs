using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning.Rules;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>
/// Walks a graph with the shapes and types of one call and says what each value is: stored, computed, a view, a number. Nothing
/// is computed but shapes.
/// </summary>
internal sealed class GraphEvaluator
{
    private const int MostOutputs = 65_536;

    private readonly Dictionary<Value, PlanValue> _values = new(ReferenceEqualityComparer.Instance);
    private readonly ScalarSlots _slots;
    private readonly PlanOrigins _origins = new();
    private int _nextId;
    private int _randomNodes;
    private readonly List<bool?> _isReduction = [];

    private GraphEvaluator(ScalarSlots slots) => _slots = slots;

    /// <exception cref="FuserException">Inputs or shapes do not fit; the message names the place.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public static GraphMeaning Evaluate(Graph graph, FuserValue[] inputs, CancellationToken cancellationToken)
    {
        var evaluator = new GraphEvaluator(new ScalarSlots(inputs));
        evaluator.BindInputs(graph, inputs);
        foreach (var node in graph.Nodes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            evaluator.EvaluateNode(node);
        }

        evaluator.SkipOperations();
        var results = Flatten(graph.Outputs.Select(output => evaluator._values[output]));
        results = ImmutableArray.CreateRange(results, result => result is PlanNumber { Slot: < 0 } literal ? evaluator._slots.OfShape(literal.Value) : result);
        return new GraphMeaning(results, evaluator._slots, evaluator._origins, evaluator._isReduction);
    }

    /// <summary>Lists share their items, so a few nodes can nest them to any depth and number.</summary>
    private static ImmutableArray<PlanValue> Flatten(IEnumerable<PlanValue> values)
    {
        var flat = ImmutableArray.CreateBuilder<PlanValue>();
        var open = new Stack<PlanValue>(values.Reverse());
        var steps = 0;
        while (open.TryPop(out var value))
        {
            if (++steps > MostOutputs)
            {
                throw new GraphException(ErrorCodes.GraphLimit, $"the graph returns more than {MostOutputs} values; return fewer");
            }

            if (value is not PlanList list)
            {
                flat.Add(value);
                continue;
            }

            foreach (var item in list.Items.Reverse())
            {
                open.Push(item);
            }
        }

        return flat.ToImmutable();
    }

    private void BindInputs(Graph graph, FuserValue[] inputs)
    {
        InputBinding.Check(graph, inputs);
        for (var i = 0; i < inputs.Length; i++)
        {
            _origins.BeginInput(_nextId, i);
            _values[graph.Inputs[i]] = inputs[i].Kind == FuserValueKind.Array
                ? new StoredTensor(_nextId++, inputs[i].Array.DType, i, inputs[i].Array.DType, new TensorLayout(inputs[i].Array.Layout.Sizes, inputs[i].Array.Layout.Strides))
                : OfDeclaredType(_slots.OfInput(i), graph.Inputs[i].Type);
        }
    }

    /// <summary>An int passed for a float is a float, in promotion too.</summary>
    private PlanNumber OfDeclaredType(PlanNumber number, GraphType type) =>
        type is FloatType && number.Category != DType.Float64 ? _slots.OfOperation("aten::Float", [number])
        : type is IntType && number.Category == DType.Bool ? _slots.OfOperation("aten::Int", [number])
        : number;

    private void EvaluateNode(Node node)
    {
        _origins.Begin(_nextId, node);
        var arguments = new NodeArguments(node, ImmutableArray.CreateRange(node.Inputs, input => _values[input]), _slots);
        try
        {
            Define(node, Evaluate(arguments));
        }
        catch (InputException error) when (node.Position.IsKnown)
        {
            throw new InputException(error.Code, $"{node.Position}: {node.Kind}: {error.Message}", error);
        }
    }

    private void Define(Node node, PlanValue result)
    {
        var unpacks = node.Kind is "prim::ListUnpack" or "prim::TupleUnpack" or "prim::ConstantChunk" || node.Outputs.Length > 1;
        var items = unpacks && result is PlanList list ? list.Items : [result];
        if (items.Length != node.Outputs.Length)
        {
            throw new GraphException(ErrorCodes.OperationArity, $"{node.Kind} gives {items.Length} values here, the graph wants {node.Outputs.Length}; check the number of chunks against the shape", node.Position.Line, node.Position.Column);
        }

        for (var i = 0; i < items.Length; i++)
        {
            _values[node.Outputs[i]] = items[i];
        }
    }

    private PlanValue Evaluate(NodeArguments arguments)
    {
        var kind = arguments.Node.Kind;
        switch (kind)
        {
            case "prim::Constant":
                return Constant(arguments.Node);
            case "prim::ListConstruct" or "prim::TupleConstruct":
                return new PlanList(arguments.Values);
            case "prim::ListUnpack" or "prim::TupleUnpack":
                return arguments.List(0);
            case "prim::unchecked_cast":
                return arguments.Values[0];
            case "prim::ConstantChunk":
                return ConstantChunk(arguments);
            case "prim::FusedConcat":
                return Concatenate([.. Enumerable.Range(0, arguments.Values.Length).Select(arguments.Tensor)], Attribute(arguments, "dim"), arguments);
            case "aten::cat" or "aten::concat":
                return Concatenate(arguments.Tensors(0), arguments.Values.Length > 1 ? arguments.Integer(1) : 0, arguments);
            case "aten::stack":
                return Stack(arguments.Tensors(0), arguments.Values.Length > 1 ? arguments.Integer(1) : 0, arguments);
            case "aten::broadcast_tensors":
                return BroadcastTensors(arguments);
            case "aten::size":
                return Size(arguments);
            case "aten::dim":
                return _slots.OfShape(arguments.Tensor(0).Shape.Length);
            case "aten::numel":
                return _slots.OfShape(Shapes.ElementCount(arguments.Tensor(0).Shape.AsSpan()));
            case "aten::len":
                return _slots.OfShape(arguments.Values is [PlanTensor tensor, ..] ? tensor.Shape[ViewOperations.AxisOf(tensor.Shape, 0)] : arguments.List(0).Items.Length);
            case "aten::__getitem__":
                return Item(arguments);
            case "prim::dtype":
                var code = arguments.Tensor(0).DType.TorchCode();
                return ScalarSlots.OfLiteral(code, new IntConstant(code));
            case "prim::device":
                return new PlanConstant(new StringConstant("cpu"));
            case "prim::BroadcastSizes":
                return BroadcastSizes(arguments);
        }

        var hasTensor = arguments.Values.Any(value => value is PlanTensor);
        if (!hasTensor && ScalarOperations.Has(kind, arguments.Values.Length))
        {
            return _slots.OfOperation(kind, [.. Enumerable.Range(0, arguments.Values.Length).Select(arguments.Number)]);
        }

        if (ViewOperations.Has(kind))
        {
            return ViewOperations.GivesList(kind)
                ? new PlanList([.. ViewOperations.ApplyList(kind, arguments.Tensor(0).Shape, arguments).Select(view => Look(arguments.Tensor(0), view))])
                : Look(arguments.Tensor(0), ViewOperations.Apply(kind, arguments.Tensor(0).Shape, arguments));
        }

        // max and min of two tensors are elementwise.
        if (PlanRules.Find(kind) is { } rule && !(kind is "aten::max" or "aten::min" && arguments.Values is [_, PlanTensor]))
        {
            return rule(new RuleContext(arguments, _slots, this));
        }

        var operation = OperationCatalogue.Find(kind) ?? throw arguments.Error(ErrorCodes.UnsupportedOperation, "has no meaning for these arguments");
        return ElementwiseEvaluation.Evaluate(operation, arguments, _slots, this);
    }

    /// <summary>A tensor combined along axes of a size other than 1; they stay, with size 1.</summary>
    public PlanTensor Reduced(PlanTensor source, ReductionKind kind, ImmutableArray<bool> axes)
    {
        return new ReducedTensor(NextOperation(isReduction: true), source, kind, axes);
    }

    private int NextOperation(bool isReduction)
    {
        SkipOperations();
        _isReduction.Add(isReduction);
        return _nextId++;
    }

    /// <summary>Tensors since the last one that a kernel computes are none.</summary>
    private void SkipOperations()
    {
        while (_isReduction.Count < _nextId)
        {
            _isReduction.Add(null);
        }
    }

    public PlanTensor ConstantOf(DType dtype, ConstantValue value) => new ConstantTensor(_nextId++, dtype, value);

    public PlanTensor Indices(ImmutableArray<long> shape, ImmutableArray<long> weights) => new IndexTensor(_nextId++, shape, weights);

    public ImmutableArray<PlanTensor> Run(Routine routine, ImmutableArray<PlanTensor> operands, ImmutableArray<RoutineResult> results)
    {
        var call = new RoutineCall(routine, operands, results);
        return [.. Enumerable.Range(0, results.Length).Select(output => new RoutineTensor(_nextId++, call, output))];
    }

    public PlanTensor Computed(DType dtype, ImmutableArray<long> shape, Operation operation, ImmutableArray<PlanValue> values) =>
        new ComputedTensor(NextOperation(isReduction: false), dtype, shape, operation, values, operation.IsRandom ? _randomNodes++ : -1);

    /// <summary>A view of a tensor; of a stored one simply another layout, whenever strides can say it.</summary>
    public PlanTensor Look(PlanTensor source, View view)
    {
        if (view.Shape.Length > TensorLayout.MaxRank)
        {
            throw TensorLayout.TooManyAxes(view.Shape.Length);
        }

        if (source is StoredTensor stored)
        {
            var layout = view.Map?.Apply(stored.Layout, view.Shape) ?? Reshaping.TryReshape(stored.Layout, view.Shape);
            return layout is { } known
                ? new StoredTensor(_nextId++, stored.DType, stored.Buffer, stored.Storage, known)
                : new ReshapedTensor(_nextId++, source, view.Shape);
        }

        // Views of views are made one, so that no chain of them has to be followed later.
        return (view.Map, source) switch
        {
            ({ } map, ViewedTensor viewed) => new ViewedTensor(_nextId++, viewed.Source, view.Shape, viewed.Map.After(map)),
            ({ } map, _) => new ViewedTensor(_nextId++, source, view.Shape, map),
            (_, ReshapedTensor reshaped) => new ReshapedTensor(_nextId++, reshaped.Source, view.Shape),
            _ => new ReshapedTensor(_nextId++, source, view.Shape),
        };
    }

    private PlanValue Constant(Node node) => node.Attribute("value") switch
    {
        IntConstant constant => ScalarSlots.OfLiteral(constant.Value, constant),
        FloatConstant constant => ScalarSlots.OfLiteral(constant.Value, constant),
        BoolConstant constant => ScalarSlots.OfLiteral(constant.Value, constant),
        TensorConstant constant => new ConstantTensor(_nextId++, ConstantTypes.DTypeOf(node.Outputs[0].Type, constant), constant.Item),
        OpaqueConstant { IsEmptyList: true } => new PlanList([]),
        OpaqueConstant => throw new GraphException(ErrorCodes.UnsupportedOperation, "the text does not hold the elements of this constant; pass it as an input of the graph", node.Position.Line, node.Position.Column),
        var other => new PlanConstant(other),
    };

    private static long Attribute(NodeArguments arguments, string name) => arguments.Node.TryGetInt(name, out var value)
        ? value
        : throw arguments.Error(ErrorCodes.BadAttribute, $"wanted an integer attribute '{name}'");

    private PlanList ConstantChunk(NodeArguments arguments)
    {
        var tensor = arguments.Tensor(0);
        var axis = ViewOperations.AxisOf(tensor.Shape, Attribute(arguments, "dim"));
        return new PlanList([.. ViewOperations.Chunk(tensor.Shape, Attribute(arguments, "chunks"), axis).Select(view => Look(tensor, view))]);
    }

    private static PlanValue Item(NodeArguments arguments)
    {
        var items = arguments.List(0).Items;
        return items.IsEmpty
            ? throw arguments.Error(ErrorCodes.OperationArgument, "the list is empty")
            : items[ViewOperations.Axis(arguments.Integer(1), items.Length)];
    }

    private PlanValue Size(NodeArguments arguments)
    {
        var shape = arguments.Tensor(0).Shape;
        return arguments.Values.Length > 1
            ? _slots.OfShape(shape[ViewOperations.AxisOf(shape, arguments.Integer(1))])
            : new PlanList([.. shape.Select(size => _slots.OfShape(size))]);
    }

    private PlanList BroadcastTensors(NodeArguments arguments)
    {
        var tensors = arguments.Tensors(0);
        var shape = Broadcast([.. tensors.Select(tensor => tensor.Shape)], arguments);
        return new PlanList([.. tensors.Select(tensor => Look(tensor, new View(shape, IndexMap.Broadcast(tensor.Shape, shape))))]);
    }

    private PlanList BroadcastSizes(NodeArguments arguments)
    {
        var shape = Broadcast([.. Enumerable.Range(0, arguments.Values.Length).Select(arguments.Integers)], arguments);
        return new PlanList([.. shape.Select(size => _slots.OfShape(size))]);
    }

    /// <exception cref="GraphException">They do not broadcast; names both shapes and the axis.</exception>
    public static ImmutableArray<long> Broadcast(ImmutableArray<ImmutableArray<long>> shapes, NodeArguments arguments)
    {
        ImmutableArray<long> result = [];
        foreach (var shape in shapes)
        {
            result = Shapes.TryBroadcast(result, shape) ?? throw Mismatch(arguments, result, shape);
        }

        return result;
    }

    private static GraphException Mismatch(NodeArguments arguments, ImmutableArray<long> a, ImmutableArray<long> b)
    {
        var fromEnd = Enumerable.Range(1, System.Math.Min(a.Length, b.Length)).First(i => a[^i] != b[^i] && a[^i] != 1 && b[^i] != 1);
        return arguments.Error(ErrorCodes.BroadcastMismatch, $"cannot broadcast {Shapes.Text(a.AsSpan())} with {Shapes.Text(b.AsSpan())} (axis -{fromEnd}: {a[^fromEnd]} vs {b[^fromEnd]}). Reshape or slice one input.");
    }

    public ConcatenatedTensor Concatenate(ImmutableArray<PlanTensor> tensors, long dimension, NodeArguments arguments)
    {
        // As torch.cat: a 1-dimensional tensor without elements is skipped whatever the others' rank.
        ImmutableArray<PlanTensor> parts = tensors.RemoveAll(tensor => tensors.Length > 1 && tensor.Shape is [0]);
        parts = parts.IsEmpty && !tensors.IsEmpty ? [tensors[0]] : parts;
        if (parts.IsEmpty || parts[0].Shape.IsEmpty)
        {
            throw arguments.Error(ErrorCodes.InvalidShape, "wanted at least one tensor, with at least one axis");
        }

        var axis = ViewOperations.Axis(dimension, parts[0].Shape.Length);
        var shape = parts[0].Shape;
        long total = 0;
        foreach (var part in parts)
        {
            if (part.Shape.Length != shape.Length || !part.Shape.SetItem(axis, 0).AsSpan().SequenceEqual(shape.SetItem(axis, 0).AsSpan()))
            {
                throw arguments.Error(ErrorCodes.BroadcastMismatch, $"cannot join {Shapes.Text(shape.AsSpan())} and {Shapes.Text(part.Shape.AsSpan())} along axis {axis}: the other sizes differ");
            }

            if (part.Shape[axis] > long.MaxValue - total)
            {
                throw arguments.Error(ErrorCodes.SizeLimit, $"the parts have more than 2^63 elements along axis {axis}");
            }

            total += part.Shape[axis];
        }

        var dtype = tensors.Select(tensor => tensor.DType).Aggregate(TypePromotion.Promote);
        return new ConcatenatedTensor(_nextId++, dtype, shape.SetItem(axis, total), parts, axis);
    }

    private ConcatenatedTensor Stack(ImmutableArray<PlanTensor> tensors, long dimension, NodeArguments arguments)
    {
        if (tensors.IsEmpty)
        {
            throw arguments.Error(ErrorCodes.InvalidShape, "wanted at least one tensor");
        }

        var axis = ViewOperations.Axis(dimension, tensors[0].Shape.Length + 1);
        var views = tensors.Select(tensor => Look(tensor, new View(
            tensor.Shape.Insert(System.Math.Min(axis, tensor.Shape.Length), 1),
            new IndexMap([.. Enumerable.Range(0, tensor.Shape.Length).Select(i => AxisSource.Of(i < axis ? i : i + 1))]))));
        return Concatenate([.. views], axis, arguments);
    }
}
