using System.Diagnostics;

namespace Fuser.LoadTests.Generation;

/// <summary>One run at one rate.</summary>
/// <param name="Latency">Of requests after the warm-up, from when each was due.</param>
/// <param name="Achieved">Right answers a second, after the warm-up.</param>
internal sealed record LoadResult(double Rate, double Achieved, LatencyHistogram Latency, Tally Tally, IReadOnlyList<string> Problems);

/// <summary>
/// Starts requests at fixed times, whether or not earlier ones have been answered, and measures each from when it was due: a system that stalls is charged for everyone who came meanwhile. A
/// thread of its own keeps the time; it never waits for an answer.
/// </summary>
/// <param name="mostUnderWay">Requests at once; what is due beyond that is counted as unsent.</param>
/// <param name="patience">How long the last answers are waited for; what is not there then is lost.</param>
internal sealed class OpenLoop(int mostUnderWay, TimeSpan patience)
{
    /// <summary>Never set: waiting for it is how the pacing thread lets a millisecond go by.</summary>
    private static readonly ManualResetEvent Never = new(false);

    private const int MostProblems = 5;

    private readonly Lock _lock = new();
    private readonly List<string> _problems = [];
    private LatencyHistogram _latency = new();
    private long _right;
    private long _errors;
    private long _wrong;
    private long _measured;
    private int _underWay;

    /// <param name="request">Makes request number n and says how it ended; exceptions count as errors.</param>
    /// <param name="warmUp">The first part of the time, which is not measured.</param>
    public async Task<LoadResult> RunAsync(double rate, TimeSpan warmUp, TimeSpan duration, Func<long, Task<Outcome>> request, CancellationToken cancellationToken)
    {
        (_latency, _right, _errors, _wrong, _measured) = (new LatencyHistogram(), 0, 0, 0, 0);
        var (sent, unsent) = await Task.Factory.StartNew(
            () => Pace(rate, warmUp, warmUp + duration, request, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        var lost = await DrainAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            return new LoadResult(rate, _measured / duration.TotalSeconds, _latency, new Tally(sent, unsent, _right, _errors, _wrong, lost, 0), [.. _problems]);
        }
    }

    private (long Sent, long Unsent) Pace(double rate, TimeSpan warmUp, TimeSpan all, Func<long, Task<Outcome>> request, CancellationToken cancellationToken)
    {
        var (start, interval) = (Stopwatch.GetTimestamp(), Stopwatch.Frequency / rate);
        var (measuredFrom, count) = (start + (long)(warmUp.TotalSeconds * Stopwatch.Frequency), (long)(all.TotalSeconds * rate));
        long sent = 0, unsent = 0;
        for (long i = 0; i < count && !cancellationToken.IsCancellationRequested; i++)
        {
            var due = start + (long)(i * interval);
            WaitUntil(due);
            if (Volatile.Read(ref _underWay) >= mostUnderWay)
            {
                unsent++;
                continue;
            }

            sent++;
            Interlocked.Increment(ref _underWay);
            _ = OneAsync(i, due, due >= measuredFrom, request);
        }

        return (sent, unsent);
    }

    private static void WaitUntil(long due)
    {
        while (due - Stopwatch.GetTimestamp() is > 0 and var left)
        {
            // The rest of a millisecond is spun away: sleeping may take that long.
            if (left > Stopwatch.Frequency / 500)
            {
                Never.WaitOne(1);
            }
            else
            {
                Thread.SpinWait(20);
            }
        }
    }

    private async Task OneAsync(long number, long due, bool isMeasured, Func<long, Task<Outcome>> request)
    {
        Outcome outcome;
        string? problem = null;
        try
        {
            outcome = await request(number).ConfigureAwait(false);
            problem = outcome == Outcome.Wrong ? $"request {number} was answered with other bits" : null;
        }
        catch (Exception error)
        {
            (outcome, problem) = (Outcome.Error, error.Message);
        }

        var took = (long)Stopwatch.GetElapsedTime(due).TotalNanoseconds;
        lock (_lock)
        {
            _right += outcome == Outcome.Right ? 1 : 0;
            _errors += outcome == Outcome.Error ? 1 : 0;
            _wrong += outcome == Outcome.Wrong ? 1 : 0;
            if (problem is not null && _problems.Count < MostProblems && !_problems.Contains(problem))
            {
                _problems.Add(problem);
            }

            if (isMeasured && outcome == Outcome.Right)
            {
                _measured++;
                _latency.Record(took);
            }
        }

        Interlocked.Decrement(ref _underWay);
    }

    private async Task<long> DrainAsync(CancellationToken cancellationToken)
    {
        var end = Stopwatch.GetTimestamp() + (long)(patience.TotalSeconds * Stopwatch.Frequency);
        while (Volatile.Read(ref _underWay) > 0 && Stopwatch.GetTimestamp() < end)
        {
            await Task.Delay(5, cancellationToken).ConfigureAwait(false);
        }

        return Volatile.Read(ref _underWay);
    }
}
