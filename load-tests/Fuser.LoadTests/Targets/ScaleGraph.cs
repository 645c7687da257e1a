using System.Collections.Immutable;
using System.Globalization;
using Fuser.Actors;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;
using Fuser.LoadTests.Generation;

namespace Fuser.LoadTests.Targets;

/// <summary>Graphs whose answers are known without the runtime: x * s + k in float32, each number exact.</summary>
internal static class ScaleGraph
{
    public static string Text(int k) => $"""
        graph(%x : Tensor, %s : float):
          %one : int = prim::Constant[value=1]()
          %k : float = prim::Constant[value={k.ToString(CultureInfo.InvariantCulture)}.]()
          %y : Tensor = aten::mul(%x, %s)
          %z : Tensor = aten::add(%y, %k, %one)
          return (%z)

        """;

    public static Graph Parse(int k) => GraphText.Parse(Text(k));

    /// <summary>Small whole numbers, so that every product and sum is exact.</summary>
    public static float[] Data(int elements) => [.. Enumerable.Range(0, elements).Select(i => (float)(i % 1000))];

    /// <summary>Runs it once and looks at every element.</summary>
    public static async Task<Outcome> RunAsync(FusedFunction function, float[] x, int s, int k, RunOptions? options = null)
    {
        var outputs = await function.RunAsync(new FuserValue[] { NdArray.From(x), (double)s }, options).ConfigureAwait(false);
        return IsRight(outputs, x, s, k) ? Outcome.Right : Outcome.Wrong;
    }

    public static bool IsRight(ImmutableArray<NdArray> outputs, float[] x, int s, int k) => outputs.Length == 1 && outputs[0].Layout.IsContiguous && IsRight(outputs[0].AsSpan<float>(), x, s, k);

    public static bool IsRight(ReadOnlySpan<float> got, float[] x, int s, int k)
    {
        if (got.Length != x.Length)
        {
            return false;
        }

        for (var i = 0; i < x.Length; i++)
        {
            if (got[i] != (x[i] * s) + k)
            {
                return false;
            }
        }

        return true;
    }
}
