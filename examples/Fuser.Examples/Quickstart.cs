// The README shows this file from here on; a test keeps the two equal.
using Fuser.Actors;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Tensors;

namespace Fuser.Examples;

internal static class Quickstart
{
    public static async Task RunAsync()
    {
        await using var fuser = await FuserSystem.StartAsync();

        // An ordinary lambda over numbers becomes a graph, and the graph one kernel.
        var payoff = await fuser.RegisterAsync(GraphExpression.From(
            (float spot, float strike, float years) => MathF.Max(spot - (strike * MathF.Exp(-0.03f * years)), 0f)));

        float[] spot = [90, 100, 110], strike = [95, 95, 95], years = [1, 1, 2];
        var outputs = await payoff.RunAsync(new FuserValue[] { spot, strike, years });

        // The outputs are arrays of your own; the span below is their memory, not a copy.
        Span<float> values = outputs[0].AsSpan<float>();
        Console.WriteLine($"payoffs: {values[0]}, {values[1]}, {values[2]}");
    }
}
