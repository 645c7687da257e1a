namespace Fuser.Actors.Core;

/// <summary>The timers of one actor, touched in its turns only; each posts itself to the mailbox when it fires.</summary>
internal sealed class TimerScheduler(ActorCell cell) : ITimerScheduler
{
    private static readonly object ReceiveTimeoutKey = new();

    private readonly Dictionary<object, TimerEntry> _entries = [];
    private TimeSpan _receiveTimeout;

    public void StartSingleTimer(object key, object message, TimeSpan delay) => Start(key, message, delay, null);

    public void StartPeriodicTimer(object key, object message, TimeSpan initialDelay, TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero);
        Start(key, message, initialDelay, interval);
    }

    public void Cancel(object key)
    {
        if (_entries.Remove(key, out TimerEntry? entry))
        {
            entry.Cancel();
        }
    }

    public void CancelAll()
    {
        foreach (TimerEntry entry in _entries.Values)
        {
            entry.Cancel();
        }

        _entries.Clear();
    }

    public bool IsTimerActive(object key) => _entries.ContainsKey(key);

    internal void SetReceiveTimeout(TimeSpan? timeout)
    {
        if (timeout <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "A receive timeout is longer than zero.");
        }

        if (timeout is { } quiet)
        {
            _receiveTimeout = quiet;
            Start(ReceiveTimeoutKey, ReceiveTimeout.Instance, quiet, null);
        }
        else
        {
            Cancel(ReceiveTimeoutKey);
        }
    }

    /// <summary>A timer's message has come up in the mailbox.</summary>
    internal void Fire(TimerEntry entry)
    {
        entry.Received();
        if (entry.IsCancelled)
        {
            return;
        }

        if (!entry.IsPeriodic)
        {
            _entries.Remove(entry.Key);
        }

        if (ReferenceEquals(entry.Key, ReceiveTimeoutKey))
        {
            // One timer per quiet period, not one per message: it looks back when it fires and sleeps on if something had come.
            TimeSpan quiet = TimeSpan.FromMilliseconds(cell.System.Clock.NowMs - cell.LastReceived);
            bool due = quiet >= _receiveTimeout;
            Start(ReceiveTimeoutKey, ReceiveTimeout.Instance, due ? _receiveTimeout : _receiveTimeout - quiet, null);
            if (!due)
            {
                return;
            }
        }

        cell.Deliver(entry.Message);
    }

    private void Start(object key, object message, TimeSpan delay, TimeSpan? interval)
    {
        ArgumentNullException.ThrowIfNull(message);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        Cancel(key);
        var entry = new TimerEntry(cell, key, message, interval is not null);
        _entries[key] = entry;
        entry.Start(delay, interval ?? Timeout.InfiniteTimeSpan);
    }
}

/// <summary>One timer and, at the same time, the message it puts into the mailbox.</summary>
internal sealed class TimerEntry : IAutoReceivedMessage
{
    private readonly ActorCell _cell;
    private readonly ITimer _timer;
    private int _queued;

    internal TimerEntry(ActorCell cell, object key, object message, bool periodic)
    {
        (_cell, Key, Message, IsPeriodic) = (cell, key, message, periodic);
        _timer = cell.System.Clock.CreateTimer(OnTime);
    }

    internal object Key { get; }

    internal object Message { get; }

    internal bool IsPeriodic { get; }

    internal bool IsCancelled { get; private set; }

    internal void Start(TimeSpan delay, TimeSpan interval) => _timer.Change(delay, interval);

    internal void Cancel()
    {
        IsCancelled = true;
        _timer.Dispose();
    }

    internal void Received()
    {
        Volatile.Write(ref _queued, 0);
        if (!IsPeriodic)
        {
            _timer.Dispose();
        }
    }

    private void OnTime(object? state)
    {
        if (Interlocked.Exchange(ref _queued, 1) == 0)
        {
            _cell.Post(new Envelope { Message = this });
        }
    }
}
