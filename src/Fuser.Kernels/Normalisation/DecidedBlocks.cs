using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Normalisation;

/// <summary>Puts the branch of a <c>prim::If</c> on a constant in its place, drops loops that never start, and unrolls those that are worth it.</summary>
internal sealed class DecidedBlocks(LoopUnrolling unrolling) : BlockRewriting
{
    private readonly Dictionary<Value, ConstantValue> _constants = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Value> _none = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Value> _something = new(ReferenceEqualityComparer.Instance);

    public static Graph Apply(Graph graph, LoopUnrolling unrolling) => new DecidedBlocks(unrolling).Rewrite(graph);

    protected override void Append(List<Node> nodes, Node node)
    {
        switch (node.Kind)
        {
            case "prim::If" when Constant(node.Inputs[0]) is BoolConstant condition:
                Inline(nodes, node, node.Blocks[condition.Value ? 0 : 1]);
                return;
            case "prim::Loop" when Constant(node.Inputs[0]) is IntConstant { Value: <= 0 } || Constant(node.Inputs[1]) is BoolConstant { Value: false }:
                Replace(node.Outputs, node.Inputs[2..]);
                return;
            case "prim::Loop" when Constant(node.Inputs[0]) is IntConstant trips && IsTrue(node.Inputs[1]) && IsTrue(node.Blocks[0].Outputs[0])
                && unrolling.TryUnroll(node, trips.Value, _constants) is { } unrolled:
                nodes.AddRange(unrolled.Nodes);
                Remember(unrolled.Nodes);
                Replace(node.Outputs, unrolled.Outputs);
                return;
            case "aten::__is__" or "aten::__isnot__" when IsNone(node) is { } isNone:
                node = new Node("prim::Constant", [], node.Outputs, [new NodeAttribute("value", new BoolConstant(isNone == (node.Kind == "aten::__is__")))], position: node.Position);
                Changed = true;
                break;
        }

        Remember([node]);
        nodes.Add(node);
    }

    private void Inline(List<Node> nodes, Node node, Block block)
    {
        nodes.AddRange(block.Nodes);
        Replace(node.Outputs, block.Outputs);
    }

    private void Replace(ImmutableArray<Value> outputs, ImmutableArray<Value> values)
    {
        Changed = true; // also where there are no outputs
        for (var i = 0; i < outputs.Length; i++)
        {
            Forward(outputs[i], values[i]);
        }
    }

    private ConstantValue? Constant(Value value) => _constants.GetValueOrDefault(value);

    private bool IsTrue(Value value) => Constant(value) is BoolConstant { Value: true };

    /// <summary>Whether the node compares with None something that surely is None, or surely is not; null when only the call can tell.</summary>
    private bool? IsNone(Node node)
    {
        if (node.Inputs is not [var value, var none] || !_none.Contains(none))
        {
            return null;
        }

        return _none.Contains(value) ? true
            : _something.Contains(value) || value.Type.IsScalar || value.Type is ListType or TupleType or StringType ? false
            : null;
    }

    private void Remember(IEnumerable<Node> nodes)
    {
        foreach (var node in nodes)
        {
            if (node.IsConstant && node.Attribute("value") is { } constant)
            {
                _constants[node.Outputs[0]] = constant;
            }
            else if (node.IsConstant)
            {
                _none.Add(node.Outputs[0]);
            }
            else if (OperationCatalogue.Find(node.Kind) is not null || ViewOperations.Has(node.Kind) || PlannedOperations.Has(node.Kind))
            {
                _something.UnionWith(node.Outputs);
            }
        }
    }
}
