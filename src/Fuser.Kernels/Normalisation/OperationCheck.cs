using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Normalisation;

/// <summary>Refuses a graph with operations that are not known, or not offered, before anything runs; names them all, with their lines.</summary>
internal static class OperationCheck
{
    /// <param name="graph">Without the branches that never run: those may hold anything.</param>
    public static void Check(Graph graph)
    {
        List<Node> unknown = [], refused = [];
        Collect(graph.Nodes, unknown, refused);
        if (unknown.Count + refused.Count == 0)
        {
            return;
        }

        var texts = new List<string>();
        Describe(unknown, "not known; see docs/operations.md for what is, and docs/add-an-operation.md to add one", texts);
        Describe(refused, "known but not offered in this version; run that part of the model elsewhere and pass its result as an input", texts);
        var first = unknown.Count > 0 ? unknown[0] : refused[0];
        throw new GraphException(
            unknown.Count > 0 ? ErrorCodes.UnknownOperation : ErrorCodes.UnsupportedOperation, $"{string.Join(". ", texts)}.", first.Position.Line, first.Position.Column);
    }

    private static void Collect(ImmutableArray<Node> nodes, List<Node> unknown, List<Node> refused)
    {
        foreach (var node in nodes)
        {
            switch (KnownOperations.StatusOf(node))
            {
                case OperationStatus.Unknown: unknown.Add(node); break;
                case OperationStatus.Refused: refused.Add(node); break;
            }

            foreach (var block in node.Blocks)
            {
                Collect(block.Nodes, unknown, refused);
            }
        }
    }

    private static void Describe(List<Node> nodes, string what, List<string> texts)
    {
        if (nodes.Count > 0)
        {
            texts.Add($"{string.Join("; ", nodes.GroupBy(node => node.Kind).Select(WithLines))}: {what}");
        }
    }

    private static string WithLines(IGrouping<string, Node> nodes)
    {
        var lines = nodes.Where(node => node.Position.IsKnown).Select(node => node.Position.Line).Distinct().ToList();
        return lines.Count == 0 ? nodes.Key : $"{nodes.Key} (line {string.Join(", ", lines)})";
    }
}
