using System.Runtime.ExceptionServices;

namespace Fuser.Kernels.Devices;

/// <summary>Work on a range of units that may be split over threads.</summary>
internal abstract class ParallelRange : IThreadPoolWorkItem
{
    private readonly object _gate = new();
    private long _next;
    private long _units;
    private long _chunk;
    private int _active;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Does units <paramref name="first"/> to before <paramref name="end"/>.</summary>
    protected abstract void Run(long first, long end);

    /// <summary>
    /// Does all units on the calling thread and up to <paramref name="threads"/> - 1 others. Which thread does what
    /// is left to chance, so units must not depend on each other. Returns when all are done; it waits for helpers that are at work, never for one
    /// that the thread pool has not started yet, so a busy pool costs speed and cannot cause a deadlock.
    /// </summary>
    public void Run(long units, int threads)
    {
        // A few chunks per thread: enough to even out a thread that starts late, few enough to cost nothing.
        _units = units;
        _chunk = Math.Max(1, units / (threads * 4L));
        var helpers = (int)Math.Min(threads - 1, units - 1);
        for (var i = 0; i < helpers; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        Work();
        WaitForActiveHelpers();
        _failure?.Throw();
    }

    /// <summary>A helper's turn. One that comes after the work is done finds no unit left, and touches nothing.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Increment(ref _active); // before a unit is taken, so that the caller sees whoever has one
        Work();
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
        var spin = default(SpinWait);
        while (Volatile.Read(ref _active) > 0 && !spin.NextSpinWillYield)
        {
            spin.SpinOnce();
        }

        lock (_gate)
        {
            while (Volatile.Read(ref _active) > 0)
            {
                Monitor.Wait(_gate);
            }
        }
    }

    private void Work()
    {
        try
        {
            while (true)
            {
                var first = Interlocked.Add(ref _next, _chunk) - _chunk;
                if (first >= _units)
                {
                    return;
                }

                Run(first, Math.Min(first + _chunk, _units));
            }
        }
        catch (Exception error)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(error), null);
            Interlocked.Exchange(ref _next, _units); // no further units: the call fails anyway
        }
    }
}
