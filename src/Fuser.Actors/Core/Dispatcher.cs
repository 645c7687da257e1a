using System.Diagnostics;

namespace Fuser.Actors.Core;

/// <summary>Where an actor's turns run. Chosen by <see cref="Props.WithDispatcher"/>.</summary>
public abstract record Dispatcher
{
    private protected Dispatcher()
    {
    }

    /// <summary>The thread pool, up to 100 messages a turn. The default.</summary>
    public static Dispatcher Shared { get; } = new PoolDispatcher(100);

    /// <summary>One thread of its own per actor: for long or blocking work, so that it takes no worker from the pool.</summary>
    public static Dispatcher Pinned { get; } = new PinnedDispatcher();

    /// <summary>The thread pool, with another number of messages a turn.</summary>
    public static Dispatcher ThreadPool(int throughput)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(throughput);
        return new PoolDispatcher(throughput);
    }

    /// <summary>
    /// Runs the turn on the thread that sends, when the actor is idle; else on the thread pool. Saves the wake-up of a pool thread,
    /// some 50 us at low load. Only for actors whose turns are short and never block: the sender waits for them, and under load the
    /// order in which senders are served is not fair. An actor that is running is never entered again.
    /// </summary>
    /// <param name="maxDepth">How many such turns may be nested on one thread before the next goes to the pool.</param>
    public static Dispatcher CallerWhenIdle(int maxDepth = 8)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxDepth);
        return new CallerDispatcher(maxDepth);
    }

    internal abstract Executor Attach(ActorCell cell);

    private sealed record PoolDispatcher(int Throughput) : Dispatcher
    {
        private readonly PoolExecutor _executor = new(Throughput);

        internal override Executor Attach(ActorCell cell) => _executor;
    }

    private sealed record CallerDispatcher(int MaxDepth) : Dispatcher
    {
        private readonly CallerExecutor _executor = new(MaxDepth);

        internal override Executor Attach(ActorCell cell) => _executor;
    }

    private sealed record PinnedDispatcher : Dispatcher
    {
        internal override Executor Attach(ActorCell cell) => new PinnedExecutor(cell);
    }
}

/// <summary>Gives cells their turns.</summary>
internal abstract class Executor(int throughput)
{
    /// <summary>Messages of one turn before others get theirs.</summary>
    internal int Throughput { get; } = throughput;

    /// <summary>Schedules a turn.</summary>
    /// <param name="cell">Whose.</param>
    /// <param name="mayRunHere">The caller sends a user message and holds no lock: its thread may be used.</param>
    internal abstract void Schedule(ActorCell cell, bool mayRunHere);

    /// <summary>The cell has stopped.</summary>
    internal virtual void Detach()
    {
    }
}

internal class PoolExecutor(int throughput) : Executor(throughput)
{
    // Into the global queue: local queues are last in, first out, which lowers the median and ruins the tail and the fairness.
    internal override void Schedule(ActorCell cell, bool mayRunHere) => ThreadPool.UnsafeQueueUserWorkItem(cell, preferLocal: false);
}

internal sealed class CallerExecutor(int maxDepth) : PoolExecutor(100)
{
    // The sender wants to get on: what piles up meanwhile is the pool's.
    private const int CallerThroughput = 8;

    [ThreadStatic]
    private static int _depth;

    internal override void Schedule(ActorCell cell, bool mayRunHere)
    {
        if (!mayRunHere || _depth >= maxDepth)
        {
            base.Schedule(cell, mayRunHere);
            return;
        }

        _depth++;
        try
        {
            cell.RunTurn(CallerThroughput);
        }
        finally
        {
            _depth--;
        }
    }
}

internal sealed class PinnedExecutor : Executor
{
    /// <summary>How long the thread looks for the next message before it sleeps: being woken takes about as long as this.</summary>
    private const double MostSpinMicroseconds = 30;

    private const int PausesPerLook = 16;

    // On a lone processor nobody else could send meanwhile.
    private static readonly bool Spins = Environment.ProcessorCount > 1;

    private readonly object _gate = new();
    private readonly ActorCell _cell;
    private bool _started;
    private bool _scheduled;
    private bool _ended;

    internal PinnedExecutor(ActorCell cell)
        : base(100) => _cell = cell;

    internal override void Schedule(ActorCell cell, bool mayRunHere)
    {
        lock (_gate)
        {
            _scheduled = true;
            if (_started)
            {
                Monitor.Pulse(_gate);
                return;
            }

            _started = true;
        }

        // A background thread: a process that does not dispose its system can still exit.
        new Thread(Loop) { IsBackground = true, Name = _cell.Path.ToString() }.UnsafeStart();
    }

    internal override void Detach()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.Pulse(_gate);
        }
    }

    private void Loop()
    {
        while (true)
        {
            LookForNext();
            lock (_gate)
            {
                while (!_scheduled && !_ended)
                {
                    Monitor.Wait(_gate);
                }

                if (!_scheduled)
                {
                    return;
                }

                _scheduled = false;
            }

            _cell.RunTurn(Throughput);
        }
    }

    private void LookForNext()
    {
        var start = Stopwatch.GetTimestamp();
        while (Spins && !Volatile.Read(ref _scheduled) && !Volatile.Read(ref _ended) && Stopwatch.GetElapsedTime(start).TotalMicroseconds < MostSpinMicroseconds)
        {
            Thread.SpinWait(PausesPerLook);
        }
    }
}
