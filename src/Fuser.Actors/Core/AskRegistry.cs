using System.Collections.Concurrent;

namespace Fuser.Actors.Core;

/// <summary>
/// All Asks of one system: their pools and their one deadline timer. The timer is coarse and mostly asleep: since the objects are
/// pooled there are few of them, so instead of queueing every deadline in a wheel (and taking it out again for every answer) the
/// timer scans the listed objects when the earliest deadline it knows has come. An Ask with the usual timeout costs one comparison.
/// </summary>
internal sealed class AskRegistry 
{
    // Deadlines this close together share one scan.
    private const long ResolutionMs = 5;
    private const int MinSweep = 4096;
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(20);

    private readonly Lock _gate = new();
    private readonly List<PendingAsk> _listed = [];
    private readonly ITimer _timer;
    private int _sweepAt = MinSweep;
    private object?[] _pools = new object?[8];
    private long _earliest = long.MaxValue;
    private TaskCompletionSource? _drained;
    private bool _closed;

    internal AskRegistry(ActorSystem system, CoarseClock clock, TimeSpan defaultTimeout)
    {
        System = system;
        Clock = clock;
        DefaultTimeoutMs = Milliseconds(defaultTimeout);
        _timer = clock.CreateTimer(Scan);
    }

    internal ActorSystem System { get; }

    internal CoarseClock Clock { get; }

    internal long DefaultTimeoutMs { get; }

    internal static long Milliseconds(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero || timeout > MaxTimeout)
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "An Ask waits longer than zero and at most 20 days.");
        }

        return Math.Max(1, (long)timeout.TotalMilliseconds);
    }

    internal PendingAsk<T> Rent<T>()
    {
        object?[] pools = Volatile.Read(ref _pools);
        int slot = AskPool<T>.Slot;
        var pool = slot < pools.Length ? (AskPool<T>?)pools[slot] : null;
        pool ??= AddPool<T>(slot);
        return pool.TryTake() ?? new PendingAsk<T>(this, pool);
    }

    internal int Listed
    {
        get
        {
            lock (_gate)
            {
                return _listed.Count;
            }
        }
    }

    internal void List(PendingAsk ask)
    {
        lock (_gate)
        {
            if (_listed.Count >= _sweepAt)
            {
                // More than ever waited at once: drop what the pools had no room for and what nobody awaited.
                Collect(long.MinValue);
                _sweepAt = Math.Max(MinSweep, _listed.Count * 2);
            }

            _listed.Add(ask);
        }
    }

    /// <summary>Called after the message is posted, which is a full fence: either this sees the scan's new deadline or the scan sees the Ask.</summary>
    internal void Watch(PendingAsk ask)
    {
        if (Volatile.Read(ref _closed))
        {
            FailAll();
        }
        else if (ask.Deadline < Volatile.Read(ref _earliest))
        {
            lock (_gate)
            {
                WakeAt(ask.Deadline);
            }
        }
    }

    internal void OnDone()
    {
        if (Volatile.Read(ref _drained) is { } drained && !AnyPending())
        {
            drained.TrySetResult();
        }
    }

    /// <summary>Completes when no Ask waits any more.</summary>
    internal Task DrainAsync()
    {
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _drained, drained);
        if (!AnyPending())
        {
            drained.TrySetResult();
        }

        return drained.Task;
    }

    /// <summary>The end: nobody is left to answer, now or later.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _timer.Dispose();
        }

        FailAll();
    }

    private void FailAll()
    {
        foreach ((PendingAsk ask, long generation) in Collect(long.MaxValue))
        {
            ReplyTo waiting = new(ask, generation);
            (ActorRef? holder, object? message) = (ask.Holder, ask.Message);
            waiting.TryFail(new ActorStoppedException(holder?.Path ?? System.AskPath, message ?? "the message", System.TerminationCause));
        }
    }

    private void Scan(object? state)
    {
        foreach ((PendingAsk ask, long generation) in Collect(Clock.NowMs))
        {
            ask.TimeOut(generation);
        }
    }

    // Those whose deadline has come. The rest sets the next wake-up.
    private List<(PendingAsk Ask, long Generation)> Collect(long now)
    {
        var due = new List<(PendingAsk, long)>();
        lock (_gate)
        {
            Volatile.Write(ref _earliest, long.MaxValue);
            Interlocked.MemoryBarrier();
            long earliest = long.MaxValue;
            for (int i = _listed.Count - 1; i >= 0; i--)
            {
                long? deadline = _listed[i].Inspect(out long generation, out bool drop);
                if (drop)
                {
                    _listed[i] = _listed[^1];
                    _listed.RemoveAt(_listed.Count - 1);
                }
                else if (deadline <= now)
                {
                    due.Add((_listed[i], generation));
                }
                else if (deadline is { } later)
                {
                    earliest = Math.Min(earliest, later);
                }
            }

            WakeAt(earliest);
        }

        return due;
    }

    private bool AnyPending()
    {
        lock (_gate)
        {
            // From the newest, since the oldest are answered first.
            for (int i = _listed.Count - 1; i >= 0; i--)
            {
                if (_listed[i].IsPending(_listed[i].Generation))
                {
                    return true;
                }
            }

            return false;
        }
    }

    private void WakeAt(long deadline)
    {
        if (deadline < _earliest && !_closed)
        {
            Volatile.Write(ref _earliest, deadline);
            _timer.Change(TimeSpan.FromMilliseconds(Math.Max(ResolutionMs, deadline - Clock.NowMs)), Timeout.InfiniteTimeSpan);
        }
    }

    private AskPool<T> AddPool<T>(int slot)
    {
        lock (_gate)
        {
            if (slot >= _pools.Length)
            {
                object?[] larger = new object?[Math.Max(slot + 1, _pools.Length * 2)];
                _pools.CopyTo(larger, 0);
                Volatile.Write(ref _pools, larger);
            }

            return (AskPool<T>)(_pools[slot] ??= new AskPool<T>());
        }
    }
}

/// <summary>Numbers the answer types of the process, so that a system finds its pool for a type by index.</summary>
internal static class AskPoolSlots
{
    private static int _next = -1;

    internal static int Next() => Interlocked.Increment(ref _next);
}

/// <summary>Free Asks for one answer type: one per core, the rest shared, bounded; what does not fit is left to the collector.</summary>
internal sealed class AskPool<T>
{
    internal static readonly int Slot = AskPoolSlots.Next();

    private const int Limit = 1024;
    private static readonly ProcessorStripes Stripes = new(64);

    private readonly PendingAsk<T>?[] _cores = new PendingAsk<T>?[Stripes.ArrayLength];
    private readonly ConcurrentQueue<PendingAsk<T>> _shared = new();
    private int _sharedCount;

    internal PendingAsk<T>? TryTake()
    {
        PendingAsk<T>? ask = Interlocked.Exchange(ref Mine, null);
        if (ask is null && _shared.TryDequeue(out ask))
        {
            Interlocked.Decrement(ref _sharedCount);
        }

        return ask;
    }

    internal bool TryReturn(PendingAsk<T> ask)
    {
        if (Interlocked.CompareExchange(ref Mine, ask, null) is null)
        {
            return true;
        }

        if (Interlocked.Increment(ref _sharedCount) > Limit)
        {
            Interlocked.Decrement(ref _sharedCount);
            return false;
        }

        _shared.Enqueue(ask);
        return true;
    }

    private ref PendingAsk<T>? Mine => ref _cores[Stripes.Current];
}
