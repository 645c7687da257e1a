using System.Runtime.ExceptionServices;

namespace Fuser.Kernels.Devices;

/// <summary>Work on a range of units that may be split over threads.</summary>
internal abstract class ParallelRange : IThreadPoolWorkItem
{
    private readonly object _gate = new();
    private long _next;
    private long _units;
    private long _chunk;
    private int _helpers;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Does units <paramref name="first"/> to before <paramref name="end"/>.</summary>
    protected abstract void Run(long first, long end);

    /// <summary>
    /// Does all units on the calling thread and up to <paramref name="threads"/> - 1 others. Which thread does what
    /// is left to chance, so units must not depend on each other. Returns when all are done.
    /// </summary>
    public void Run(long units, int threads)
    {
        // A few chunks per thread: enough to even out a thread that starts late, few enough to cost nothing.
        _units = units;
        _chunk = Math.Max(1, units / (threads * 4L));
        _helpers = (int)Math.Min(threads - 1, units - 1);
        for (var i = 0; i < _helpers; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        if (_helpers == 0)
        {
            Run(0, units);
            return;
        }

        Work();
        WaitForHelpers();
        _failure?.Throw();
    }

    /// <summary>A helper's turn. One that comes after the work is done finds nothing and only signs off.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        Work();
        lock (_gate)
        {
            _helpers--;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Spins while a helper is about to end, then sleeps.</summary>
    private void WaitForHelpers()
    {
        var spin = default(SpinWait);
        while (Volatile.Read(ref _helpers) > 0 && !spin.NextSpinWillYield)
        {
            spin.SpinOnce();
        }

        lock (_gate)
        {
            while (_helpers > 0)
            {
                Monitor.Wait(_gate);
            }
        }
    }

    private void Work()
    {
        try
        {
            while (Volatile.Read(ref _failure) is null)
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
        }
    }
}
