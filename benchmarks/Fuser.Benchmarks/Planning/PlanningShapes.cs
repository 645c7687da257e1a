using System.Text;

namespace Fuser.Benchmarks.Planning;

/// <summary>Graphs of any size in shapes that are hard to plan, each for another reason.</summary>
internal static class PlanningShapes
{
    private const string Head = "graph(%v0 : Tensor):\n  %no : NoneType = prim::Constant()\n  %zero : int = prim::Constant[value=0]()\n  %one : int = prim::Constant[value=1]()\n";

    /// <summary>Nodes of the head.</summary>
    private const int Literals = 3;

    /// <summary>By name: the text of a graph with about so many nodes, and no more.</summary>
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

    /// <summary>One tensor is multiplied by as many numbers as a third of the nodes, and the products are summed in pairs: all of them are wanted from afar.</summary>
    private static string FanOut(int nodes)
    {
        var text = new StringBuilder(Head);
        var level = Enumerable.Range(0, Math.Max(1, (nodes - Literals) / 3)).Select(i => $"%b{i}").ToList();
        for (var i = 0; i < level.Count; i++)
        {
            text.Append($"  %k{i} : float = prim::Constant[value={i}.5]()\n  {level[i]} : Tensor = aten::mul(%v0, %k{i})\n");
        }

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

    /// <summary>Each operation needs the one before and its sum, so a kernel for one sum computes all the sums before it or reads them from memory.</summary>
    private static string Reductions(int nodes) => Build(nodes, 2, (text, i) =>
        text.Append($"  %s{i} : Tensor = aten::sum(%v{i}, %no)\n  %v{i + 1} : Tensor = aten::sub(%v{i}, %s{i}, %one)\n"));

    /// <summary>Three views of what is computed between every two operations.</summary>
    private static string Views(int nodes) => Build(nodes, 4, (text, i) => text.Append(
        $"  %a{i} : Tensor = aten::transpose(%v{i}, %zero, %one)\n  %b{i} : Tensor = aten::unsqueeze(%a{i}, %zero)\n  %c{i} : Tensor = aten::squeeze(%b{i}, %zero)\n  %v{i + 1} : Tensor = aten::mul(%c{i}, %v0)\n"));

    private static string Build(int nodes, int each, Action<StringBuilder, int> append)
    {
        var text = new StringBuilder(Head);
        var count = Math.Max(1, (nodes - Literals) / each);
        for (var i = 0; i < count; i++)
        {
            append(text, i);
        }

        return text.Append($"  return (%v{count})\n").ToString();
    }
}
