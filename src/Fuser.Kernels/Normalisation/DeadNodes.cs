using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Normalisation;

/// <summary>Drops nodes that no output needs. Inputs stay: they are the caller's interface.</summary>
internal static class DeadNodes
{
    public static Graph Remove(Graph graph)
    {
        var needed = new HashSet<Value>(graph.Outputs, ReferenceEqualityComparer.Instance);
        var kept = new List<Node>();
        for (var i = graph.Nodes.Length - 1; i >= 0; i--)
        {
            var node = graph.Nodes[i];
            if (node.Outputs.Any(needed.Contains))
            {
                kept.Add(node);
                MarkUses(needed, node);
            }
        }

        kept.Reverse();
        return new Graph(graph.Inputs, [.. kept], graph.Outputs);
    }

    private static void MarkUses(HashSet<Value> needed, Node node)
    {
        needed.UnionWith(node.Inputs);
        foreach (var block in node.Blocks)
        {
            needed.UnionWith(block.Outputs);
            foreach (var inner in block.Nodes)
            {
                MarkUses(needed, inner);
            }
        }
    }
}
