using System.Collections.Immutable;
using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Normalisation;

/// <summary>
/// Puts the bodies of fusion groups (<c>with prim::FusionGroup_0 = graph(...)</c>) where they are called. Another compiler's
/// grouping is not kept: what fuses here is decided by the partitioner.
/// </summary>
internal sealed class SubgraphInlining
{
    /// <summary>No graph that was printed is so deep.</summary>
    private const int MaxDepth = 16;

    /// <summary>Groups that call groups grow exponentially; text has a lower limit of its own.</summary>
    private const int MaxNodes = 1_000_000;

    private int _nodes;

    public static Graph Apply(Graph graph)
    {
        if (graph.Subgraphs.IsEmpty)
        {
            return graph;
        }

        var nodes = new List<Node>();
        var rewriter = new GraphRewriter();
        new SubgraphInlining().Append(nodes, graph.Nodes, graph, rewriter, 0);
        return new Graph(graph.Inputs, [.. nodes], rewriter.Map(graph.Outputs));
    }

    /// <param name="scope">The graph whose subgraphs the source calls; a body sees its own alone.</param>
    private void Append(List<Node> nodes, ImmutableArray<Node> source, Graph scope, GraphRewriter rewriter, int depth)
    {
        foreach (var node in source)
        {
            if (++_nodes > MaxNodes)
            {
                throw new GraphException(ErrorCodes.GraphLimit, $"the graph has more than {MaxNodes} nodes after its groups are inlined; split it", node.Position.Line, node.Position.Column);
            }

            if (!node.IsSubgraphCall(out var name) || scope.FindSubgraph(name) is not { } body)
            {
                nodes.Add(InlineInBlocks(rewriter.Map(node), scope, depth));
                continue;
            }

            if (depth == MaxDepth)
            {
                throw new GraphException(ErrorCodes.GraphLimit, $"{name} is nested more than {MaxDepth} deep; inline some of the groups", node.Position.Line, node.Position.Column);
            }

            // Every call has its own copies of the body's values, so that two calls do not define one value twice.
            var inner = new GraphRewriter();
            for (var i = 0; i < body.Inputs.Length; i++)
            {
                inner.Replace(body.Inputs[i], rewriter.Map(node.Inputs[i]));
            }

            Append(nodes, NodeCopies.Of(body.Nodes, inner), body, inner, depth + 1);
            for (var i = 0; i < node.Outputs.Length; i++)
            {
                // Twice: to the copy, and, where that was a call of its own, to what came in its place.
                rewriter.Replace(node.Outputs[i], inner.Map(inner.Map(body.Outputs[i])));
            }
        }
    }

    private Node InlineInBlocks(Node node, Graph scope, int depth)
    {
        if (node.Blocks.IsEmpty)
        {
            return node;
        }

        var blocks = node.Blocks.Select(block =>
        {
            var nodes = new List<Node>();
            var rewriter = new GraphRewriter();
            Append(nodes, block.Nodes, scope, rewriter, depth);
            return new Block(block.Inputs, [.. nodes], rewriter.Map(block.Outputs));
        });
        return node.WithBlocks([.. blocks]);
    }
}
