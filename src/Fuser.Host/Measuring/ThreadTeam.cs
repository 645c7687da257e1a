namespace Fuser.Host.Measuring;

/// <summary>
/// Threads that do the same work on different parts, started together. They spin between two pieces of work, because the work is
/// measured in microseconds, and sleep when none comes, because something else is measured then.
/// </summary>
internal sealed class ThreadTeam : IDisposable
{
    private const int SpinsBeforeSleep = 2_000;

    private readonly object _gate = new();
    private readonly Thread[] _threads;
    private Action<int>? _work;
    private int _round;
    private int _pending;

    /// <summary>Starts all but one of the threads: the caller is part of the team.</summary>
    public ThreadTeam(int members)
    {
        Members = members;
        _threads = new Thread[members - 1];
        for (var i = 0; i < _threads.Length; i++)
        {
            var member = i + 1;
            _threads[i] = new Thread(() => Serve(member)) { IsBackground = true, Name = $"fuser bench {member}" };
            _threads[i].Start();
        }
    }

    /// <summary>How many work.</summary>
    public int Members { get; }

    /// <summary>Whether all of them sleep, and only work wakes them.</summary>
    public bool IsAsleep => Array.TrueForAll(_threads, static thread => thread.ThreadState.HasFlag(ThreadState.WaitSleepJoin));

    /// <summary>Runs <paramref name="work"/> once for each member number from 0, and waits for all.</summary>
    public void Run(Action<int> work)
    {
        Start(work);
        work(0);
        var spinner = default(SpinWait);
        while (Volatile.Read(ref _pending) > 0)
        {
            spinner.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Start(null);
        foreach (var thread in _threads)
        {
            thread.Join();
        }
    }

    /// <summary>Hands out work; none means the end.</summary>
    private void Start(Action<int>? work)
    {
        if (Members > 1)
        {
            Volatile.Write(ref _pending, Members - 1);
            _work = work;
            lock (_gate)
            {
                Volatile.Write(ref _round, _round + 1);
                Monitor.PulseAll(_gate);
            }
        }
    }

    private void Serve(int member)
    {
        var seen = 0;
        for (Action<int>? work; ;)
        {
            WaitForRound(seen);
            seen = Volatile.Read(ref _round);
            work = _work;
            work?.Invoke(member);
            Interlocked.Decrement(ref _pending);
            if (work is null)
            {
                return;
            }
        }
    }

    private void WaitForRound(int seen)
    {
        for (var spins = 0; spins < SpinsBeforeSleep && Volatile.Read(ref _round) == seen; spins++)
        {
            Thread.SpinWait(20);
        }

        if (Volatile.Read(ref _round) != seen)
        {
            return;
        }

        lock (_gate)
        {
            while (_round == seen)
            {
                Monitor.Wait(_gate);
            }
        }
    }
}
