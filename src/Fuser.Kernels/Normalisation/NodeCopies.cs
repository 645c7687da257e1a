using System.Collections.Immutable;
using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Normalisation;

/// <summary>Copies of nodes with values of their own, so that a body put in several places does not define one value twice.</summary>
internal static class NodeCopies
{
    /// <param name="rewriter">Says what the copies read, and learns which values they define.</param>
    public static ImmutableArray<Node> Of(ImmutableArray<Node> nodes, GraphRewriter rewriter)
    {
        var copies = ImmutableArray.CreateBuilder<Node>(nodes.Length);
        foreach (var node in nodes)
        {
            var inputs = rewriter.Map(node.Inputs);
            var blocks = ImmutableArray.CreateRange(node.Blocks, block =>
            {
                var blockInputs = Of(block.Inputs, rewriter);
                var inner = Of(block.Nodes, rewriter);
                return new Block(blockInputs, inner, rewriter.Map(block.Outputs));
            });
            copies.Add(new Node(node.Kind, inputs, Of(node.Outputs, rewriter), node.Attributes, blocks, node.SourceComment, node.Scope, node.Position));
        }

        return copies.DrainToImmutable();
    }

    private static ImmutableArray<Value> Of(ImmutableArray<Value> values, GraphRewriter rewriter)
    {
        var copies = ImmutableArray.CreateRange(values, value => new Value(value.Name, value.Type, value.Position));
        for (var i = 0; i < copies.Length; i++)
        {
            rewriter.Replace(values[i], copies[i]);
        }

        return copies;
    }

    /// <summary>Nodes in blocks too; constants cost nothing and do not count.</summary>
    public static int Count(ImmutableArray<Node> nodes)
    {
        var count = 0;
        foreach (var node in nodes)
        {
            count += node.IsConstant ? 0 : 1;
            foreach (var block in node.Blocks)
            {
                count += Count(block.Nodes);
            }
        }

        return count;
    }
}
