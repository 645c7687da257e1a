using System.Diagnostics;

namespace Fuser.LoadTests.Generation;

/// <summary>One caller who waits for each answer before the next request: what a request takes on a system that does nothing else.</summary>
internal static class ClosedLoop
{
    /// <param name="warmUp">The first part of the time, which is not measured: much has not been compiled yet.</param>
    public static async Task<LoadResult> RunAsync(TimeSpan warmUp, TimeSpan duration, Func<LoadRequest, Task<Outcome>> request, CancellationToken cancellationToken)
    {
        var run = new LoadRun(request);
        var start = Stopwatch.GetTimestamp();
        var measuredFrom = start + (long)(warmUp.TotalSeconds * Stopwatch.Frequency);
        run.Measure(measuredFrom, long.MaxValue);
        do
        {
            await run.MakeAsync(new LoadRequest(run, run.Sent++, Stopwatch.GetTimestamp())).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        while (Stopwatch.GetElapsedTime(start) < warmUp + duration);

        var end = Stopwatch.GetTimestamp();
        run.Measure(measuredFrom, end);
        var result = run.Close(0);
        return result with { Rate = result.Achieved }; // whoever waits asks for as much as is answered
    }
}
