using System.Collections.Immutable;
using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Programs;

/// <summary>What a branch or loop uses of what stands before it: its own operands, and what its bodies see of the surroundings.</summary>
internal static class BlockUses
{
    public static ImmutableArray<Value> Of(Node node)
    {
        var uses = new List<Value>(node.Inputs);
        var defined = new HashSet<Value>(ReferenceEqualityComparer.Instance);
        Collect(node, uses, defined);
        return [.. uses.Where(value => !defined.Contains(value)).Distinct(ReferenceEqualityComparer.Instance).Cast<Value>()];
    }

    private static void Collect(Node node, List<Value> uses, HashSet<Value> defined)
    {
        foreach (var block in node.Blocks)
        {
            defined.UnionWith(block.Inputs);
            foreach (var inner in block.Nodes)
            {
                uses.AddRange(inner.Inputs);
                defined.UnionWith(inner.Outputs);
                Collect(inner, uses, defined);
            }

            uses.AddRange(block.Outputs);
        }
    }
}
