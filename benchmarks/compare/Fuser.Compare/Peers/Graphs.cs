using System.Globalization;
using System.Text;

namespace Fuser.Compare.Peers;

/// <summary>Graph texts for the runtime.</summary>
internal static class Graphs
{
    /// <summary>The text of a workload's graph.</summary>
    public static string Read(string workload) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "graphs", $"{workload}.ir"));

    /// <summary>A chain of so many cheap operations over two arrays; another number gives a graph that was never seen.</summary>
    public static string Chain(int operations, int number)
    {
        var text = new StringBuilder("graph(%x : Tensor, %y : Tensor):\n  %one : int = prim::Constant[value=1]()\n");
        var last = "x";
        for (var i = 0; i < operations; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"  %c{i} : float = prim::Constant[value={number + i + 1.5:R}]()\n");
            text.Append((i % 3) switch
            {
                0 => $"  %v{i} : Tensor = aten::mul(%{last}, %c{i})\n",
                1 => $"  %v{i} : Tensor = aten::add(%{last}, %y, %one)\n",
                _ => $"  %v{i} : Tensor = aten::abs(%{last})\n",
            });
            last = $"v{i}";
        }

        return text.Append(CultureInfo.InvariantCulture, $"  return (%{last})\n").ToString();
    }
}
