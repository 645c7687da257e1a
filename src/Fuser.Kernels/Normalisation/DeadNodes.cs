using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Normalisation;

/// <summary>
/// Drops nodes that no output needs and that have no effect, and results of a <c>prim::If</c> that nobody uses. Inputs stay: they are the
/// caller's interface.
/// </summary>
internal sealed class DeadNodes
{
    private readonly HashSet<Value> _needed;
    private readonly ValueTypes _types;

    private DeadNodes(Graph graph)
    {
        _needed = new HashSet<Value>(graph.Outputs, ReferenceEqualityComparer.Instance);
        _types = ValueTypes.Of(graph);
    }

    public static Graph Remove(Graph graph) => new(graph.Inputs, new DeadNodes(graph).Keep(graph.Nodes), graph.Outputs);

    /// <summary>The nodes that are needed, given what of their results is.</summary>
    private ImmutableArray<Node> Keep(ImmutableArray<Node> nodes)
    {
        var kept = new List<Node>();
        for (var i = nodes.Length - 1; i >= 0; i--)
        {
            if (nodes[i].Outputs.Any(_needed.Contains) || ValueOperations.HasEffect(nodes[i], _types))
            {
                kept.Add(nodes[i].Blocks.IsEmpty ? nodes[i] : KeepBlocks(nodes[i]));
                _needed.UnionWith(nodes[i].Inputs);
            }
        }

        kept.Reverse();
        return [.. kept];
    }

    private Node KeepBlocks(Node node)
    {
        if (node.Kind != "prim::If")
        {
            return node.WithBlocks(ImmutableArray.CreateRange(node.Blocks, block => KeepBlock(block, block.Outputs)));
        }

        var used = Enumerable.Range(0, node.Outputs.Length).Where(i => _needed.Contains(node.Outputs[i])).ToList();
        var blocks = ImmutableArray.CreateRange(node.Blocks, block => KeepBlock(block, [.. used.Select(i => block.Outputs[i])]));
        return new Node(node.Kind, node.Inputs, [.. used.Select(i => node.Outputs[i])], node.Attributes, blocks, node.SourceComment, node.Scope, node.Position);
    }

    private Block KeepBlock(Block block, ImmutableArray<Value> outputs)
    {
        _needed.UnionWith(outputs);
        return new Block(block.Inputs, Keep(block.Nodes), outputs);
    }
}
