using System.Diagnostics;
using Fuser.Actors;
using Fuser.Kernels.Devices;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Cluster;

/// <summary>One run in parts that nodes take as they are free; the results are put where they belong as they come.</summary>
/// <param name="rows">Rows of a part; the last may have fewer.</param>
/// <param name="run">Runs a part.</param>
internal sealed class SplitRun(RowSplit split, ReadOnlyMemory<FuserValue> inputs, long rows, Func<ReadOnlyMemory<FuserValue>, CancellationToken, Task<RunReport>> run)
{
    /// <summary>Parts under way at once: enough to keep nodes busy, few enough that their arrays do not pile up anywhere.</summary>
    public const int Together = 8;

    private readonly Lock _lock = new();
    private NdArray[]? _outputs;
    private RunReport? _first;

    /// <summary>Runs all parts. When one fails, the others are given up.</summary>
    public async Task<RunReport> RunAsync(CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var parts = (split.Rows + rows - 1) / rows;
        await Parallel.ForAsync(0, parts, new ParallelOptions { MaxDegreeOfParallelism = Together, CancellationToken = cancellationToken }, async (part, token) =>
        {
            var first = part * rows;
            var report = await run(split.Slice(inputs.Span, first, Math.Min(rows, split.Rows - first)), token).ConfigureAwait(false);
            Keep(report, first);
        }).ConfigureAwait(false);
        return _first! with
        {
            Outputs = [.. _outputs!],
            Steps = [$"{parts} parts of up to {rows} of {split.Rows} rows, by the nodes of the cluster", .. _first.Steps],
            RunTime = Stopwatch.GetElapsedTime(start),
        };
    }

    private void Keep(RunReport report, long first)
    {
        lock (_lock)
        {
            _first ??= report;
            _outputs ??= [.. report.Outputs.Select(output => NdArray.Allocate(output.DType, output.Shape.SetItem(0, split.Rows)))];
        }

        for (var i = 0; i < _outputs.Length; i++)
        {
            ArrayCopy.Copy(report.Outputs[i], RowSplit.RowsOf(_outputs[i], first, report.Outputs[i].Shape[0]));
        }
    }
}
