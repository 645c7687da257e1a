using System.Collections.Immutable;
using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Programs;

/// <summary>A program in words, line by line: what is interpreted, what is planned, and where runs part and return.</summary>
internal sealed class ProgramText
{
    private readonly Func<Region, IEnumerable<string>> _describe;
    private readonly ImmutableArray<string>.Builder _lines = ImmutableArray.CreateBuilder<string>();

    private ProgramText(Func<Region, IEnumerable<string>> describe) => _describe = describe;

    /// <param name="describe">Lines for a region's plans.</param>
    public static ImmutableArray<string> Of(GraphProgram program, Func<Region, IEnumerable<string>> describe)
    {
        var text = new ProgramText(describe);
        text.Add(program.Body, "");
        return text._lines.ToImmutable();
    }

    private void Add(ProgramBlock block, string indent)
    {
        if (block.Steps.IsEmpty)
        {
            _lines.Add($"{indent}nothing to do");
        }

        var interpreted = new List<string>();
        foreach (var step in block.Steps)
        {
            if (step is HostStep host)
            {
                interpreted.Add(host.Node.Kind);
                continue;
            }

            AddInterpreted(interpreted, indent);
            switch (step)
            {
                case RegionStep region:
                    _lines.Add($"{indent}region {region.Region.Number}: {region.Region.Operations}");
                    _lines.AddRange(_describe(region.Region).Select(line => $"{indent}  {line}"));
                    break;
                case BranchStep branch:
                    _lines.Add($"{indent}if{Place(branch.Node)}, when the condition holds:");
                    Add(branch.Then, indent + "  ");
                    _lines.Add($"{indent}else:");
                    Add(branch.Else, indent + "  ");
                    break;
                case LoopStep loop:
                    _lines.Add($"{indent}loop{Place(loop.Node)}, carries {loop.Initial.Length} {(loop.Initial.Length == 1 ? "value" : "values")}{(loop.Node.TryGetInt("unrolled", out var copies) ? $", {copies} trips of the graph's loop at a time" : "")}:");
                    Add(loop.Body, indent + "  ");
                    break;
            }
        }

        AddInterpreted(interpreted, indent);
    }

    private void AddInterpreted(List<string> kinds, string indent)
    {
        if (kinds.Count > 0)
        {
            var shown = kinds.Distinct().Take(6).ToList();
            var more = kinds.Distinct().Count() - shown.Count;
            _lines.Add($"{indent}interpret: {string.Join(", ", shown)}{(more > 0 ? $" and {more} more" : "")}");
            kinds.Clear();
        }
    }

    private static string Place(Node node) => node.Position.IsKnown ? $" (line {node.Position.Line})" : "";
}
