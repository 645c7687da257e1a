using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Programs;

/// <summary>Where a node of a program can be run.</summary>
internal enum NodeRole
{
    /// <summary>A literal: everywhere.</summary>
    Constant,

    /// <summary>Shapes, views, numbers, lists that do not change: interpreted, or planned with the operations that use them; both cost nothing.</summary>
    Light,

    /// <summary>Interpreted only.</summary>
    Interpreted,

    /// <summary>Interpreted, and not moved past another such node: it changes a list, or sees one that changes.</summary>
    Ordered,

    /// <summary>A branch or loop.</summary>
    Control,

    /// <summary>Planned only.</summary>
    Planned,
}

/// <summary>
/// Decides where each node of a program is run. Lists of a type that some node changes in place may all be one list, unless one is seen
/// to be made and read only; what has to do with them keeps its order.
/// </summary>
internal sealed class NodeRoles
{
    private readonly HashSet<GraphType> _changing = [];
    private readonly HashSet<Value> _frozen = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Node, bool> _effects = new(ReferenceEqualityComparer.Instance);

    public NodeRoles(Graph graph, ValueTypes types)
    {
        Types = types;
        FindChanging(graph.Nodes);
        if (_changing.Count > 0)
        {
            FindFrozen(graph);
        }
    }

    public ValueTypes Types { get; }

    public NodeRole Of(Node node)
    {
        if (node.IsConstant)
        {
            return NodeRole.Constant;
        }

        if (ValueOperations.IsControlFlow(node.Kind))
        {
            return NodeRole.Control;
        }

        if (ValueOperations.HasEffect(node, Types))
        {
            return NodeRole.Ordered;
        }

        var seesChange = node.Inputs.Any(MayChange) || node.Outputs.Any(MayChange);
        if (ValueOperations.IsRead(node, Types))
        {
            return NodeRole.Interpreted;
        }

        return ValueOperations.IsPure(node, Types) ? (seesChange ? NodeRole.Ordered : NodeRole.Interpreted)
            : IsLight(node) ? (seesChange ? NodeRole.Ordered : NodeRole.Light)
            : NodeRole.Planned;
    }

    /// <summary>Whether the value is, or holds, a list that some node may change.</summary>
    public bool MayChange(Value value) => _changing.Count > 0 && !_frozen.Contains(value) && Holds(Types[value]);

    /// <summary>Whether a control node changes lists, sees lists that change, or may end the run.</summary>
    public bool IsOrdered(Node node)
    {
        if (!_effects.TryGetValue(node, out var ordered))
        {
            ordered = ValueOperations.HasEffect(node, Types) || node.Inputs.Any(MayChange) || node.Outputs.Any(MayChange)
                || node.Blocks.Any(block => block.Outputs.Any(MayChange) || block.Nodes.Any(IsOrdered));
            _effects.Add(node, ordered);
        }

        return ordered;
    }

    /// <summary>Whether the node may end the run with the graph's own error: what stands behind it must not fail first.</summary>
    public static bool MayRaise(Node node) => node.Kind == "prim::RaiseException" || node.Blocks.Any(block => block.Nodes.Any(MayRaise));

    /// <summary>A list that is known not to change, as operations read it.</summary>
    public void Freeze(Value value) => _frozen.Add(value);

    private bool IsLight(Node node) => node.Kind switch
    {
        "prim::ListConstruct" or "prim::ListUnpack" or "prim::TupleConstruct" or "prim::TupleUnpack" or "prim::ConstantChunk" or "prim::BroadcastSizes" or "prim::dtype"
            or "prim::device" or "prim::unchecked_cast" or "aten::size" or "aten::dim" or "aten::numel" or "aten::len" or "aten::__getitem__" or "aten::broadcast_tensors" => true,
        _ => ViewOperations.Has(node.Kind) || (ScalarOperations.Has(node.Kind, node.Inputs.Length) && node.Inputs.All(Types.IsNumber)),
    };

    private bool Holds(GraphType type) => _changing.Contains(type) || type switch
    {
        ListType list => Holds(list.Element),
        OptionalType optional => Holds(optional.Element),
        TupleType tuple => tuple.Elements.Any(Holds),
        OpaqueType { Text: "Any" or "t" } => true,
        _ => false,
    };

    private void FindChanging(ImmutableArray<Node> nodes)
    {
        foreach (var node in nodes)
        {
            if (ValueOperations.IsMutation(node, Types))
            {
                _changing.Add(Types[node.Inputs[0]]);
            }

            foreach (var block in node.Blocks)
            {
                FindChanging(block.Nodes);
            }
        }
    }

    /// <summary>A list that one node makes and others only read.</summary>
    private void FindFrozen(Graph graph)
    {
        var kept = new HashSet<Value>(graph.Outputs, ReferenceEqualityComparer.Instance);
        var made = new List<Value>();
        Walk(graph.Nodes);
        _frozen.UnionWith(made.Where(value => !kept.Contains(value)));

        void Walk(ImmutableArray<Node> nodes)
        {
            foreach (var node in nodes)
            {
                var passesOn = node.Kind is "prim::TupleConstruct" or "prim::unchecked_cast" or "prim::unchecked_unwrap_optional" or "aten::_unwrap_optional" or "prim::Loop"
                    || ValueOperations.IsMutation(node, Types) || (node.Kind == "prim::ListConstruct" && node.Inputs.Any(Types.IsList));
                if (passesOn)
                {
                    kept.UnionWith(node.Inputs);
                }

                if (node.Kind is "prim::ListConstruct" or "aten::size" or "prim::BroadcastSizes" or "aten::broadcast_tensors" || ViewOperations.GivesList(node.Kind))
                {
                    made.Add(node.Outputs[0]);
                }

                foreach (var block in node.Blocks)
                {
                    kept.UnionWith(block.Outputs);
                    Walk(block.Nodes);
                }
            }
        }
    }
}
