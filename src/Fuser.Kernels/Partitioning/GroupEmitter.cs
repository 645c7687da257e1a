using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>
/// Writes the graph of one kernel: operands before users, tensors first among the inputs, then numbers. Shapes and
/// buffers go into the bindings beside it, so that the graph is the same for every shape.
/// </summary>
internal sealed class GroupEmitter
{
    private readonly EmissionScope _scope;
    private readonly ScalarSlots _slots;
    private readonly FusionDomain _domain;
    private readonly HashSet<PlanTensor> _kept;
    private readonly List<(Value Value, GroupInput Binding)> _tensors = [];
    private readonly List<(Value Value, GroupInput Binding)> _others = [];
    private readonly List<Node> _nodes = [];
    private readonly Dictionary<Sight, Value> _values = [];
    private readonly Dictionary<GroupInput, Value> _inputs = [];
    private readonly Dictionary<(GraphType, ConstantValue?), Value> _constants = [];
    private int _names;
    private int _operations;

    private GroupEmitter(Roots roots, ScalarSlots slots, FusionDomain domain, HashSet<PlanTensor> kept)
    {
        _kept = kept;
        _scope = new EmissionScope(roots, domain, kept, -1);
        _slots = slots;
        _domain = domain;
    }

    /// <param name="needs">What each root needs, as <see cref="Emission.Needs"/> found it.</param>
    /// <param name="graphs">The graphs of the plan's groups: large graphs repeat themselves, and equal graphs are kept once.</param>
    public static FusionGroup Emit(IReadOnlyList<Root> group, IReadOnlyList<List<Sight>> needs, Roots roots, ScalarSlots slots, Dictionary<Graph, Graph> graphs)
    {
        // What one root of the group keeps is there for all of them: they start after it was written.
        var emitter = new GroupEmitter(roots, slots, group[0].Domain, [.. group.SelectMany(root => root.Kept)]);
        return emitter.Emit(group, needs, graphs);
    }

    private FusionGroup Emit(IReadOnlyList<Root> group, IReadOnlyList<List<Sight>> needs, Dictionary<Graph, Graph> graphs)
    {
        foreach (var sight in needs.SelectMany(need => need).OrderBy(sight => sight.Tensor.Id))
        {
            if (!_kept.Contains(sight.Tensor) && !_values.ContainsKey(sight))
            {
                _values.Add(sight, sight.Tensor is ReducedTensor reduced ? EmitReduced(reduced, sight.Map) : EmitComputed((ComputedTensor)sight.Tensor, sight.Map));
            }
        }

        var results = group.Select(EmitRoot).ToList();
        ImmutableArray<(Value Value, GroupInput Binding)> inputs = [.. _tensors, .. _others];
        var graph = new Graph([.. inputs.Select(input => input.Value)], [.. _nodes], [.. results]);
        if (!graphs.TryAdd(graph, graph))
        {
            graph = graphs[graph];
        }

        return new FusionGroup(
            graph,
            [.. inputs.Select(input => input.Binding)],
            [.. group.Select(root => new GroupOutput(root.Buffer, root.Storage, root.Start.Apply(root.Layout, _domain.Shape), _domain.IsPerRow(root.Start)))],
            _domain,
            _operations,
            [.. group.Select(root => new GroupBoundary(root.Value.Id, (root.Value as ReducedTensor)?.Kind, root.Reason, root.NeededBy))]);
    }

    private Value EmitRoot(Root root)
    {
        var sight = _scope.Resolve(new Sight(root.Value, root.Start), root.Value);
        var value = ValueOf(sight, root.Value.Shape.IsEmpty);
        return root.Value.DType == root.DType
            ? value
            : Add("prim::Convert", [value], [new NodeAttribute("dtype", new IntConstant(root.DType.TorchCode()))]);
    }

    private Value EmitReduced(ReducedTensor reduced, IndexMap map)
    {
        _operations++;
        var source = ValueOf(_scope.Operand(reduced, reduced.Source, map), reduced.Source.Shape.IsEmpty);
        return Add("prim::Reduce", [source], [new NodeAttribute("op", new StringConstant(reduced.Kind.ToString()))]);
    }

    private Value EmitComputed(ComputedTensor computed, IndexMap map)
    {
        _operations++;
        var inputs = ImmutableArray.CreateBuilder<Value>(computed.Arguments.Length + 3);
        for (var i = 0; i < computed.Arguments.Length; i++)
        {
            inputs.Add(computed.Arguments[i] switch
            {
                PlanTensor operand => ValueOf(_scope.Operand(computed, operand, map), operand.Shape.IsEmpty),
                PlanNumber { Literal: { } literal } => Constant(literal),
                PlanNumber number when computed.Operation.Parameters[i].Kind is ParameterKind.Constant or ParameterKind.Like => Constant(Literals.Of(_slots.Structural(number))),
                PlanNumber number => Input(new NumberInput(number.Slot, number.Category)),
                PlanConstant constant => Constant(constant.Value),
                var other => throw new InternalFuserException(ErrorCodes.Internal, $"{computed.Operation.Kind} got {NodeArguments.Describe(other)} as an argument"),
            });
        }

        if (computed.RandomNode >= 0)
        {
            inputs.Add(Input(new SeedInput()));
            inputs.Add(Input(new NumberInput(_slots.OfShape(computed.RandomNode).Slot, DType.Int64)));
            inputs.Add(Input(new IndexInput(map.Apply(TensorLayout.Contiguous(computed.Shape), _domain.Shape))));
        }

        return Add(computed.Operation.Kind, inputs.ToImmutable(), []);
    }

    /// <summary>The value of a sight; whether its user sees a 0-dim tensor matters to type promotion only.</summary>
    private Value ValueOf(Sight sight, bool zeroDimensional)
    {
        if (sight.Tensor is StoredTensor stored)
        {
            return Input(new TensorInput(stored.Buffer, stored.DType, stored.Storage, zeroDimensional, sight.Map.Apply(stored.Layout, _domain.Shape)));
        }

        if (sight.Tensor is IndexTensor indices)
        {
            var index = Input(new IndexInput(sight.Map.Apply(indices.Indices, _domain.Shape)));
            return Add(zeroDimensional ? "prim::AsZeroDim" : "prim::AsDimensioned", [index], []);
        }

        var value = sight.Tensor is ConstantTensor constant
            ? Constant(TensorType.Of(constant.DType), new TensorConstant(constant.Literal))
            : _values[sight];
        return sight.Tensor.Shape.IsEmpty == zeroDimensional
            ? value
            : Add(zeroDimensional ? "prim::AsZeroDim" : "prim::AsDimensioned", [value], []);
    }

    private Value Input(GroupInput binding)
    {
        if (!_inputs.TryGetValue(binding, out var value))
        {
            value = NewValue(binding switch
            {
                NumberInput { Category: DType.Bool } => GraphType.Bool,
                NumberInput { Category: DType.Int64 } or SeedInput => GraphType.Int,
                NumberInput => GraphType.Float,
                IndexInput => new OpaqueType("Index"),
                _ => GraphType.Tensor,
            });
            _inputs.Add(binding, value);
            (binding is TensorInput ? _tensors : _others).Add((value, binding));
        }

        return value;
    }

    private Value Constant(ConstantValue? constant)
    {
        GraphType type = constant switch
        {
            IntConstant => GraphType.Int,
            FloatConstant => GraphType.Float,
            BoolConstant => GraphType.Bool,
            StringConstant => GraphType.String,
            _ => GraphType.None,
        };
        return Constant(type, constant);
    }

    private Value Constant(GraphType type, ConstantValue? constant)
    {
        if (!_constants.TryGetValue((type, constant), out var value))
        {
            value = NewValue(type);
            _nodes.Add(new Node("prim::Constant", [], [value], constant is null ? [] : [new NodeAttribute("value", constant)]));
            _constants.Add((type, constant), value);
        }

        return value;
    }

    private Value Add(string kind, ImmutableArray<Value> inputs, ImmutableArray<NodeAttribute> attributes)
    {
        var value = NewValue(GraphType.Tensor);
        _nodes.Add(new Node(kind, inputs, [value], attributes));
        return value;
    }

    private Value NewValue(GraphType type) => new((_names++).ToString(), type);
}
