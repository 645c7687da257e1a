using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Normalisation;

/// <summary>Refuses a graph with operations that are not known, or not offered, before anything runs; names them all, with their lines.</summary>
internal static class OperationCheck
{
    public static void Check(Graph graph)
    {
        List<Node> unknown = [], refused = [];
        Collect(graph.Nodes, [], unknown, refused);
        if (unknown.Count + refused.Count == 0)
        {
            return;
        }

        var first = unknown.Concat(refused).First().Position;
        throw new GraphException(
            unknown.Count > 0 ? ErrorCodes.UnknownOperation : ErrorCodes.UnsupportedOperation,
            string.Join(' ', [
                .. Describe(unknown, "not known. See docs/operations.md for what is, and docs/add-an-operation.md to add one."),
                .. Describe(refused, "known but not offered in this version. Run that part of the model elsewhere and pass its result as an input."),
            ]),
            first.Line,
            first.Column);
    }

    /// <summary>A branch that a constant excludes never runs, and may hold anything: PyTorch prints the in-place form of an activation beside the other.</summary>
    private static void Collect(ImmutableArray<Node> nodes, Dictionary<Value, bool> known, List<Node> unknown, List<Node> refused)
    {
        foreach (var node in nodes)
        {
            switch (KnownOperations.StatusOf(node))
            {
                case OperationStatus.Unknown: unknown.Add(node); break;
                case OperationStatus.Refused: refused.Add(node); break;
            }

            if (node.Kind == "prim::Constant" && node.Attribute("value") is BoolConstant condition)
            {
                known[node.Outputs[0]] = condition.Value;
            }

            for (var i = 0; i < node.Blocks.Length; i++)
            {
                var isExcluded = node.Kind == "prim::If" && known.TryGetValue(node.Inputs[0], out var taken) && taken == (i == 1);
                if (!isExcluded)
                {
                    Collect(node.Blocks[i].Nodes, known, unknown, refused);
                }
            }
        }
    }

    private static IEnumerable<string> Describe(List<Node> nodes, string what)
    {
        var kinds = nodes.GroupBy(node => node.Kind).Select(group =>
        {
            var lines = group.Where(node => node.Position.IsKnown).Select(node => node.Position.Line).Distinct().ToList();
            return lines.Count == 0 ? group.Key : $"{group.Key} (line {string.Join(", ", lines)})";
        });
        return nodes.Count == 0 ? [] : [$"{string.Join("; ", kinds)}: {what}"];
    }
}
