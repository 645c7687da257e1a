using System.Collections.Immutable;
using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Normalisation;

/// <summary>
/// Puts the bodies of fusion groups (<c>with prim::FusionGroup_0 = graph(...)</c>) where they are called. Another compiler's
/// grouping is not kept: what fuses here is decided by the partitioner.
/// </summary>
internal static class SubgraphInlining
{
    /// <summary>A body that calls itself would never end; so deep is no graph that was printed.</summary>
    private const int MaxDepth = 16;

    public static Graph Apply(Graph graph)
    {
        if (graph.Subgraphs.IsEmpty)
        {
            return graph;
        }

        var nodes = new List<Node>();
        var rewriter = new GraphRewriter();
        Append(nodes, graph.Nodes, graph.Subgraphs, rewriter, 0);
        return new Graph(graph.Inputs, [.. nodes], rewriter.Map(graph.Outputs));
    }

    private static void Append(List<Node> nodes, ImmutableArray<Node> source, ImmutableArray<Subgraph> subgraphs, GraphRewriter rewriter, int depth)
    {
        foreach (var node in source)
        {
            if (!node.IsSubgraphCall(out var name) || subgraphs.FirstOrDefault(subgraph => subgraph.Name == name) is not { } called)
            {
                nodes.Add(InlineInBlocks(rewriter.Map(node), subgraphs, depth));
                continue;
            }

            if (depth == MaxDepth)
            {
                throw new GraphException(ErrorCodes.GraphLimit, $"{name} is nested more than {MaxDepth} deep; inline some of the groups", node.Position.Line, node.Position.Column);
            }

            // Every call has its own copies of the body's values, so that two calls do not define one value twice.
            var inner = new GraphRewriter();
            for (var i = 0; i < called.Body.Inputs.Length; i++)
            {
                inner.Replace(called.Body.Inputs[i], rewriter.Map(node.Inputs[i]));
            }

            Append(nodes, CopyNodes(called.Body.Nodes, inner), called.Body.Subgraphs.AddRange(subgraphs), inner, depth + 1);
            for (var i = 0; i < node.Outputs.Length; i++)
            {
                rewriter.Replace(node.Outputs[i], inner.Map(called.Body.Outputs[i]));
            }
        }
    }

    private static Node InlineInBlocks(Node node, ImmutableArray<Subgraph> subgraphs, int depth)
    {
        if (node.Blocks.IsEmpty)
        {
            return node;
        }

        var blocks = node.Blocks.Select(block =>
        {
            var nodes = new List<Node>();
            var rewriter = new GraphRewriter();
            Append(nodes, block.Nodes, subgraphs, rewriter, depth);
            return new Block(block.Inputs, [.. nodes], rewriter.Map(block.Outputs));
        });
        return new Node(node.Kind, node.Inputs, node.Outputs, node.Attributes, [.. blocks], node.SourceComment, node.Scope, node.Position);
    }

    private static ImmutableArray<Node> CopyNodes(ImmutableArray<Node> nodes, GraphRewriter rewriter)
    {
        var copies = ImmutableArray.CreateBuilder<Node>(nodes.Length);
        foreach (var node in nodes)
        {
            var inputs = rewriter.Map(node.Inputs);
            var blocks = ImmutableArray.CreateRange(node.Blocks, block =>
            {
                var blockInputs = CopyValues(block.Inputs, rewriter);
                var inner = CopyNodes(block.Nodes, rewriter);
                return new Block(blockInputs, inner, rewriter.Map(block.Outputs));
            });
            copies.Add(new Node(node.Kind, inputs, CopyValues(node.Outputs, rewriter), node.Attributes, blocks, node.SourceComment, node.Scope, node.Position));
        }

        return copies.DrainToImmutable();
    }

    private static ImmutableArray<Value> CopyValues(ImmutableArray<Value> values, GraphRewriter rewriter)
    {
        var copies = ImmutableArray.CreateRange(values, value => new Value(value.Name, value.Type, value.Position));
        for (var i = 0; i < copies.Length; i++)
        {
            rewriter.Replace(values[i], copies[i]);
        }

        return copies;
    }
}
