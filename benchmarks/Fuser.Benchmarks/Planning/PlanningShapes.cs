using System.Text;

namespace Fuser.Benchmarks.Planning;

/// <summary>Graphs of any size in the shapes that are hard to plan for different reasons.</summary>
internal static class PlanningShapes
{
    private const string Head = "graph(%v0 : Tensor):\n  %no : NoneType = prim::Constant()\n  %zero : int = prim::Constant[value=0]()\n  %one : int = prim::Constant[value=1]()\n";

    /// <summary>By name: the text of a graph with about so many nodes.</summary>
    public static IReadOnlyList<(string Name, Func<int, string> Text)> All { get; } =
    [
        ("chain", Chain),
        ("fan-out", FanOut),
        ("alternating reductions", Reductions),
        ("deep views", Views),
    ];

    /// <summary>Each operation needs the one before: one kernel would be as long as the graph.</summary>
    private static string Chain(int nodes) => Build(nodes, 1, (text, i) =>
        text.Append($"  %v{i + 1} : Tensor = aten::add(%v{i}, %v0, %one)\n"));

    /// <summary>Every operation of a chain is used again at once by one that nothing but the final sum needs: many values live for long.</summary>
    private static string FanOut(int nodes)
    {
        var half = Math.Max(1, nodes / 2);
        var text = new StringBuilder(Head);
        for (var i = 0; i < half; i++)
        {
            text.Append($"  %b{i} : Tensor = {(i % 3 == 0 ? "aten::relu(%v0)" : i % 3 == 1 ? $"aten::mul(%v0, %b{i - 1})" : $"aten::maximum(%b{i - 2}, %b{i - 1})")}\n");
        }

        var level = Enumerable.Range(0, half).Select(i => $"%b{i}").ToList();
        for (var number = 0; level.Count > 1;)
        {
            var next = new List<string>();
            for (var i = 0; i + 1 < level.Count; i += 2, number++)
            {
                text.Append($"  %t{number} : Tensor = aten::sub({level[i]}, {level[i + 1]}, %one)\n");
                next.Add($"%t{number}");
            }

            next.AddRange(level.Skip(next.Count * 2));
            level = next;
        }

        return text.Append($"  return ({level[0]})\n").ToString();
    }

    /// <summary>Each operation needs the sum of the one before and it as well: the sums are not in the kernels that need them, or are made again and again.</summary>
    private static string Reductions(int nodes) => Build(nodes, 2, (text, i) =>
        text.Append($"  %s{i} : Tensor = aten::sum(%v{i}, %no)\n  %v{i + 1} : Tensor = aten::sub(%v{i}, %s{i}, %one)\n"));

    /// <summary>Views of views of what is computed, with an operation now and then.</summary>
    private static string Views(int nodes) => Build(nodes, 4, (text, i) => text.Append(
        $"  %a{i} : Tensor = aten::transpose(%v{i}, %zero, %one)\n  %b{i} : Tensor = aten::unsqueeze(%a{i}, %zero)\n  %c{i} : Tensor = aten::squeeze(%b{i}, %zero)\n  %v{i + 1} : Tensor = aten::{(i % 8 == 7 ? $"relu(%c{i})" : $"transpose(%c{i}, %zero, %one)")}\n"));

    private static string Build(int nodes, int each, Action<StringBuilder, int> append)
    {
        var text = new StringBuilder(Head);
        var count = Math.Max(1, nodes / each);
        for (var i = 0; i < count; i++)
        {
            append(text, i);
        }

        return text.Append($"  return (%v{count})\n").ToString();
    }
}
