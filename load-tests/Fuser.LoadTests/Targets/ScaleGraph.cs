using System.Collections.Immutable;
using System.Globalization;
using Fuser.Actors;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;
using Fuser.LoadTests.Generation;

namespace Fuser.LoadTests.Targets;

/// <summary>
/// Graphs whose answers are known without the runtime: x * s + k in float32, where every product and sum is exact. Each request has an s of its own, so that an answer
/// that was meant for another request is a wrong one.
/// </summary>
internal static class ScaleGraph
{
    /// <summary>Elements are whole numbers below this.</summary>
    private const int Period = 1000;

    /// <summary>A prime, so that products stay below 2^24 and requests that are under way together differ.</summary>
    private const int Factors = 16_381;

    public static string Text(int k) => $"""
        graph(%x : Tensor, %s : float):
          %one : int = prim::Constant[value=1]()
          %k : float = prim::Constant[value={k.ToString(CultureInfo.InvariantCulture)}.]()
          %y : Tensor = aten::mul(%x, %s)
          %z : Tensor = aten::add(%y, %k, %one)
          return (%z)

        """;

    public static Graph Parse(int k) => GraphText.Parse(Text(k));

    public static float[] Data(int elements) => [.. Enumerable.Range(0, elements).Select(i => (float)(i % Period))];

    /// <summary>The s of a request.</summary>
    public static int FactorOf(long number) => 1 + (int)(number % Factors);

    /// <summary>Runs it once for a request and looks at every element.</summary>
    public static async Task<Outcome> RunAsync(LoadRequest request, FusedFunction function, float[] x, int k, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        var s = FactorOf(request.Number);
        var outputs = await function.RunAsync(new FuserValue[] { NdArray.From(x), (double)s }, options, cancellationToken).ConfigureAwait(false);
        request.Answered();
        return IsRight(outputs, x, s, k) ? Outcome.Right : Outcome.Wrong;
    }

    /// <summary>Runs it once before anything is measured.</summary>
    /// <exception cref="InvalidOperationException">The answer was wrong.</exception>
    public static async Task WarmUpAsync(FusedFunction function, float[] x, int k, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        var outputs = await function.RunAsync(new FuserValue[] { NdArray.From(x), 2.0 }, options, cancellationToken).ConfigureAwait(false);
        if (!IsRight(outputs, x, 2, k))
        {
            throw new InvalidOperationException($"{x.Length} elements times 2 plus {k} came back with other bits before there was any load");
        }
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
            if (BitConverter.SingleToInt32Bits(got[i]) != BitConverter.SingleToInt32Bits((x[i] * s) + k))
            {
                return false;
            }
        }

        return true;
    }
}
