using System.Text;

namespace Fuser.Benchmarks.Fusion;

/// <summary>Graph texts of a wanted size; another number gives another graph, which nothing has seen before.</summary>
internal static class BenchmarkGraphs
{
    private static readonly string[] Unary = ["aten::tanh", "aten::sigmoid", "aten::relu", "aten::neg", "aten::abs"];

    /// <summary>A chain of that many operations over two arrays, a third of them functions, the rest arithmetic.</summary>
    public static string Chain(int operations, int number)
    {
        var text = new StringBuilder("graph(%x : Tensor, %y : Tensor):\n  %one : int = prim::Constant[value=1]()\n");
        text.Append($"  %c : float = prim::Constant[value={number + 0.5:R}]()\n  %v0 : Tensor = aten::mul(%x, %c)\n");
        for (var i = 1; i < operations; i++)
        {
            text.Append((i % 3) switch
            {
                0 => $"  %v{i} : Tensor = {Unary[i / 3 % Unary.Length]}(%v{i - 1})\n",
                1 => $"  %v{i} : Tensor = aten::add(%v{i - 1}, %y, %one)\n",
                _ => $"  %v{i} : Tensor = aten::mul(%v{i - 1}, %x)\n",
            });
        }

        return text.Append($"  return (%v{operations - 1})\n").ToString();
    }
}
