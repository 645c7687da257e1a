using System.Diagnostics;

namespace Fuser.LoadTests.Generation;

/// <summary>Everybody at once, measured from the moment when all were let go.</summary>
internal static class Storm
{
    public static async Task<LoadResult> RunAsync(int count, TimeSpan patience, Func<LoadRequest, Task<Outcome>> request, CancellationToken cancellationToken)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = new LoadRun(async number =>
        {
            await gate.Task.ConfigureAwait(false);
            return await request(number).ConfigureAwait(false);
        });
        var start = Stopwatch.GetTimestamp();
        run.Measure(start, long.MaxValue);
        run.Sent = count;
        for (var i = 0; i < count; i++)
        {
            // Each waits at the gate; the next lines let all of them go at once.
            run.Start(new LoadRequest(run, i, start));
        }

        gate.SetResult();
        await run.DrainAsync(patience, cancellationToken).ConfigureAwait(false);
        run.Measure(start, Stopwatch.GetTimestamp());
        return run.Close(count / Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
