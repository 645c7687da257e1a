using System.Diagnostics;

namespace Fuser.LoadTests.Generation;

/// <summary>
/// Starts requests at fixed times, whether or not earlier ones have been answered, and measures each from when it was due: a system that stalls is charged for everyone who came meanwhile. A
/// thread of its own keeps the time. It hands requests to the thread pool and does nothing else, so that neither waiting for an answer nor computing one holds it up.
/// </summary>
/// <param name="mostUnderWay">Requests at once; what is due beyond that is counted as not sent.</param>
/// <param name="patience">How long the last answers are waited for; what is not there then is lost.</param>
/// <param name="progress">Told every second how the run stands.</param>
internal sealed class OpenLoop(int mostUnderWay, TimeSpan patience, Action<string>? progress = null)
{
    /// <param name="request">Makes a request and says how it ended; exceptions count as errors.</param>
    /// <param name="warmUp">The first part of the time, which is not measured.</param>
    public async Task<LoadResult> RunAsync(double rate, TimeSpan warmUp, TimeSpan duration, Func<LoadRequest, Task<Outcome>> request, CancellationToken cancellationToken)
    {
        var run = new LoadRun(request);
        await using (new Timer(_ => progress?.Invoke(run.Progress()), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)))
        {
            await Task.Factory.StartNew(() => Pace(run, rate, warmUp, duration, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            await run.DrainAsync(patience, cancellationToken).ConfigureAwait(false);
        }

        return run.Close(rate);
    }

    private void Pace(LoadRun run, double rate, TimeSpan warmUp, TimeSpan duration, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 1000);
        var (interval, count) = (Stopwatch.Frequency / rate, (long)Math.Round((warmUp + duration).TotalSeconds * rate));
        run.Measure(start + Ticks(warmUp), start + Ticks(warmUp + duration));
        using var pacer = new Pacer();
        for (long i = 0; i < count && !cancellationToken.IsCancellationRequested; i++)
        {
            var due = start + (long)(i * interval);
            pacer.WaitUntil(due, cancellationToken);
            if (run.Sent - run.Ended >= mostUnderWay)
            {
                run.Unsent++;
                continue;
            }

            run.Sent++;
            run.Lag.Record((long)Stopwatch.GetElapsedTime(due).TotalNanoseconds);
            ThreadPool.UnsafeQueueUserWorkItem(new LoadRequest(run, i, due), preferLocal: false);
        }

        // The time is over when the last interval is: answers that come in it count.
        pacer.WaitUntil(start + Ticks(warmUp + duration), cancellationToken);
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
