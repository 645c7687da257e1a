using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace Fuser.Kernels.Devices;

/// <summary>Work on a range of units that may be split over threads.</summary>
internal abstract class ParallelRange : IThreadPoolWorkItem
{
    /// <summary>How long the calling thread looks for the end of the others' chunks before it sleeps: being woken takes about as long as this.</summary>
    private const double MostSpinMicroseconds = 30;

    private const int PausesPerLook = 16;

    private readonly object _gate = new();

    /// <summary>Chunks taken: from the front in the lower half, from the back in the upper half.</summary>
    private long _taken;
    private long _units;
    private long _chunk;
    private long _chunks;
    private int _active;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Does units <paramref name="first"/> to before <paramref name="end"/>.</summary>
    protected abstract void Run(long first, long end);

    /// <summary>
    /// Does all units on the calling thread and up to <paramref name="threads"/> - 1 others. The calling thread begins in front and the others at the back, so that each finds in its cache what
    /// it had there at the call before; where they meet is left to chance, so units must not depend on each other. Returns when all are done; it waits for helpers that are at work, never for one
    /// that the thread pool has not started yet, so a busy pool costs speed and cannot cause a deadlock.
    /// </summary>
    public void Run(long units, int threads)
    {
        // A few chunks per thread: enough to even out a thread that starts late, few enough to cost nothing.
        _units = units;
        _chunk = Math.Max(1, units / (threads * 4L));
        _chunks = (units + _chunk - 1) / _chunk;
        var helpers = (int)Math.Min(threads - 1, units - 1);
        for (var i = 0; i < helpers; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        Work(isCaller: true);
        WaitForActiveHelpers();
        _failure?.Throw();
    }

    /// <summary>A helper's turn. One that comes after the work is done finds no unit left, and touches nothing.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Increment(ref _active); // before a unit is taken, so that the caller sees whoever has one
        Work(isCaller: false);
        lock (_gate)
        {
            if (Interlocked.Decrement(ref _active) == 0)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Spins while a helper is about to end, then sleeps.</summary>
    private void WaitForActiveHelpers()
    {
        var start = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _active) > 0 && Stopwatch.GetElapsedTime(start).TotalMicroseconds < MostSpinMicroseconds)
        {
            Thread.SpinWait(PausesPerLook);
        }

        lock (_gate)
        {
            while (Volatile.Read(ref _active) > 0)
            {
                Monitor.Wait(_gate);
            }
        }
    }

    private void Work(bool isCaller)
    {
        try
        {
            while (Take(isCaller) is >= 0 and var chunk)
            {
                Run(chunk * _chunk, Math.Min((chunk + 1) * _chunk, _units));
            }
        }
        catch (Exception error)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(error), null);
            Interlocked.Exchange(ref _taken, _chunks); // no further units: the call fails anyway
        }
    }

    /// <summary>The next chunk of one's own end, or -1 when all are taken.</summary>
    private long Take(bool isCaller)
    {
        var seen = Volatile.Read(ref _taken);
        while (true)
        {
            var (front, back) = (seen & uint.MaxValue, seen >> 32);
            if (front + back >= _chunks)
            {
                return -1;
            }

            var before = Interlocked.CompareExchange(ref _taken, seen + (isCaller ? 1 : 1L << 32), seen);
            if (before == seen)
            {
                return isCaller ? front : _chunks - 1 - back;
            }

            seen = before;
        }
    }
}
