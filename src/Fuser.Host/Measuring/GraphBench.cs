using Fuser.Actors;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Measuring;

/// <summary>
/// Times a graph and, in turns with it, the bare loop over the same arrays: a machine that is busy for a while then slows both alike.
/// </summary>
internal static class GraphBench
{
    private const int Turns = 10;

    /// <summary>Runs the graph for about <paramref name="seconds"/>, after a warm-up, and the bare loop for as long.</summary>
    /// <param name="fuser">The runtime.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="arrays">The arrays among the inputs.</param>
    /// <param name="options">How to run; the seed is fixed by the caller so that every run does the same.</param>
    /// <param name="threads">Threads the bare loop uses.</param>
    /// <param name="seconds">Time for the timed runs.</param>
    /// <param name="cancellationToken">Ends the measurement.</param>
    public static async Task<BenchResult> MeasureAsync(
        IFuser fuser, Graph graph, FuserValue[] inputs, IReadOnlyList<BenchArray> arrays, RunOptions options, int threads, double seconds, CancellationToken cancellationToken)
    {
        var function = await fuser.RegisterAsync(graph, cancellationToken).ConfigureAwait(false);
        await function.RunAsync(inputs, options, cancellationToken).ConfigureAwait(false);

        // The first compile of a process also loads the code generator. What a kernel costs a process that is running shows the second.
        await fuser.ClearAsync(cancellationToken).ConfigureAwait(false);
        var report = await function.RunWithReportAsync(inputs, options, cancellationToken).ConfigureAwait(false);
        BenchArray[] results = [.. report.Outputs.Select(o => BenchArray.Allocate(o.DType, o.Shape))];
        NdArray[] outputs = [.. results.Select(r => r.Array)];
        var bytes = arrays.Sum(a => a.Bytes) + results.Sum(r => r.Bytes);

        using var limit = new BandwidthLimit(arrays, results, threads);
        Run(seconds / Turns, new Samples());
        limit.Choose(seconds / 2);

        var runs = new Samples();
        var bare = new Samples();
        for (var turn = 0; turn < Turns; turn++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Run(seconds / Turns, runs);
            bare.Collect(limit.Run, seconds / Turns);
        }

        return new BenchResult(
            TimeSpan.FromTicks(report.Kernels.Sum(k => k.CompileTime.Ticks)),
            runs.Median,
            runs.Quantile(0.99),
            runs.Count,
            arrays.Concat(results).Select(a => a.Array.ElementCount).DefaultIfEmpty(0).Max(),
            bytes,
            bare.Median,
            limit.Chosen);

        void Run(double time, Samples samples) => samples.Collect(RunOnce, time);

        void RunOnce()
        {
            var run = function.RunAsync(inputs, outputs, options, cancellationToken);
            if (run.IsCompleted)
            {
                run.GetAwaiter().GetResult();
            }
            else
            {
                // A warm run on the CPU is complete when the call returns; the wait is for devices where it is not.
                run.AsTask().GetAwaiter().GetResult();
            }
        }
    }
}
