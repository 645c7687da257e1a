using System.Collections.Immutable;
using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Normalisation;

/// <summary>
/// What the passes over graphs with blocks share: nodes in order, blocks before their node, each replaced by none, one or several. A
/// graph in which nothing was replaced is handed back as it came.
/// </summary>
internal abstract class BlockRewriting
{
    protected GraphRewriter Rewriter { get; } = new();

    /// <summary>Whether anything was replaced.</summary>
    protected bool Changed { get; set; }

    protected Graph Rewrite(Graph graph)
    {
        var nodes = Rewrite(graph.Nodes, graph.Outputs);
        return Changed ? new Graph(graph.Inputs, nodes, Rewriter.Map(graph.Outputs)) : graph;
    }

    /// <param name="results">What the block hands out.</param>
    protected virtual ImmutableArray<Node> Rewrite(ImmutableArray<Node> source, ImmutableArray<Value> results)
    {
        var nodes = new List<Node>(source.Length);
        foreach (var original in source)
        {
            Append(nodes, original.Blocks.IsEmpty ? Rewriter.Map(original) : RewriteBlocks(original));
        }

        return [.. nodes];
    }

    /// <summary>Puts a node, its operands and blocks rewritten, behind the others, or what stands for it.</summary>
    protected abstract void Append(List<Node> nodes, Node node);

    private Node RewriteBlocks(Node node)
    {
        var blocks = ImmutableArray.CreateRange(node.Blocks, block =>
        {
            var nodes = Rewrite(block.Nodes, block.Outputs);
            return new Block(block.Inputs, nodes, Rewriter.Map(block.Outputs));
        });
        return new Node(node.Kind, Rewriter.Map(node.Inputs), node.Outputs, node.Attributes, blocks, node.SourceComment, node.Scope, node.Position);
    }

    /// <summary>Lets a value stand for an output of a node that goes.</summary>
    protected void Forward(Value output, Value value)
    {
        Rewriter.Replace(output, value);
        Changed = true;
    }
}
