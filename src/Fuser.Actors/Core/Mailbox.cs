namespace Fuser.Actors.Core;

/// <summary>What became of a push.</summary>
internal enum Pushed
{
    /// <summary>Queued; a turn is running or scheduled and will see it.</summary>
    Queued,

    /// <summary>Queued, and the pusher must schedule a turn.</summary>
    MustSchedule,

    /// <summary>The mailbox is closed; nothing was queued.</summary>
    Refused,
}

/// <summary>
/// Many producers, one consumer. Producers push onto a stack with one compare-and-swap; the turn takes the whole stack at once and
/// turns it round. The top doubles as the schedule state: null is idle, <see cref="Busy"/> is an empty stack with a turn running or
/// scheduled, <see cref="Closed"/> is the end. Whoever moves it away from null schedules the turn, so no wake-up is lost and none is
/// doubled. Nodes are pooled, yet there is no ABA: nothing is ever popped from the stack one by one.
/// </summary>
internal struct Mailbox
{
    private static readonly Envelope Busy = new();
    private static readonly Envelope Closed = new();
    private static readonly SystemMessage SystemClosed = new CreateMessage();

    private Envelope? _top;
    private SystemMessage? _systemTop;

    // Touched by the running turn only, except that others read the count.
    private Envelope? _head;
    private Envelope? _tail;
    private int _taken;
    private int _peak;

    internal readonly bool HasSystem => Volatile.Read(in _systemTop) is { } top && !ReferenceEquals(top, SystemClosed);

    internal readonly bool IsClosed => ReferenceEquals(Volatile.Read(in _top), Closed);

    internal readonly bool IsIdle => Volatile.Read(in _top) is null;

    internal readonly int Peak => _peak;

    internal readonly int Length => (Volatile.Read(in _top)?.Depth ?? 0) + Volatile.Read(in _taken);

    internal Pushed Push(Envelope envelope)
    {
        Envelope? top = Volatile.Read(ref _top);
        while (true)
        {
            if (ReferenceEquals(top, Closed))
            {
                return Pushed.Refused;
            }

            envelope.Next = top;
            envelope.Depth = (top?.Depth ?? 0) + 1;
            Envelope? seen = Interlocked.CompareExchange(ref _top, envelope, top);
            if (ReferenceEquals(seen, top))
            {
                return top is null ? Pushed.MustSchedule : Pushed.Queued;
            }

            top = seen;
        }
    }

    internal Pushed PushSystem(SystemMessage message)
    {
        SystemMessage? top = Volatile.Read(ref _systemTop);
        while (true)
        {
            if (ReferenceEquals(top, SystemClosed))
            {
                return Pushed.Refused;
            }

            message.Next = top;
            SystemMessage? seen = Interlocked.CompareExchange(ref _systemTop, message, top);
            if (ReferenceEquals(seen, top))
            {
                break;
            }

            top = seen;
        }

        return Interlocked.CompareExchange(ref _top, Busy, null) is null ? Pushed.MustSchedule : Pushed.Queued;
    }

    /// <summary>All system messages, oldest first.</summary>
    internal SystemMessage? TakeSystem()
    {
        SystemMessage? top = Volatile.Read(ref _systemTop);
        while (top is not null && !ReferenceEquals(top, SystemClosed))
        {
            SystemMessage? seen = Interlocked.CompareExchange(ref _systemTop, null, top);
            if (ReferenceEquals(seen, top))
            {
                return Reverse(top);
            }

            top = seen;
        }

        return null;
    }

    /// <summary>The next user message, or null.</summary>
    internal Envelope? Take()
    {
        if (_head is null)
        {
            Fill();
        }

        Envelope? envelope = _head;
        if (envelope is not null)
        {
            _head = envelope.Next;
            if (_head is null)
            {
                _tail = null;
            }

            envelope.Next = null;
            Volatile.Write(ref _taken, _taken - 1);
        }

        return envelope;
    }

    /// <summary>Ends the turn: true when the mailbox is idle now, false when something came in and the turn must go on.
    /// With <paramref name="keep"/> (the actor is suspended) user messages are set aside and do not count.</summary>
    internal bool TryPark(bool keep)
    {
        if (keep)
        {
            Fill();
        }

        if (!ReferenceEquals(Interlocked.CompareExchange(ref _top, null, Busy), Busy))
        {
            return false;
        }

        // A system message may have come in before the line above and have seen a turn running.
        return Volatile.Read(ref _systemTop) is null || Interlocked.CompareExchange(ref _top, Busy, null) is not null;
    }

    /// <summary>Puts messages, oldest first, in front of all others.</summary>
    internal void Prepend(List<Envelope> envelopes)
    {
        for (int i = envelopes.Count - 1; i >= 0; i--)
        {
            envelopes[i].Next = _head;
            _head = envelopes[i];
            _tail ??= _head;
        }

        Volatile.Write(ref _taken, _taken + envelopes.Count);
    }

    /// <summary>Refuses all further messages; safe from any thread. Returns what was in the stack and not yet taken, oldest first.</summary>
    /// <param name="wasIdle">True when no turn was running or scheduled; none will be from now on.</param>
    internal Envelope? Close(out bool wasIdle)
    {
        Envelope? top = Interlocked.Exchange(ref _top, Closed);
        wasIdle = top is null;
        return ReferenceEquals(top, Closed) ? null : Reverse(top, out _);
    }

    /// <summary>Refuses all further system messages; safe from any thread. Returns those not yet handled.</summary>
    internal SystemMessage? CloseSystem()
    {
        SystemMessage? top = Interlocked.Exchange(ref _systemTop, SystemClosed);
        return ReferenceEquals(top, SystemClosed) ? null : Reverse(top);
    }

    private static Envelope? Reverse(Envelope? top, out int count)
    {
        Envelope? first = null;
        count = 0;
        while (top is not null && !ReferenceEquals(top, Busy))
        {
            Envelope? next = top.Next;
            top.Next = first;
            first = top;
            top = next;
            count++;
        }

        return first;
    }

    private static SystemMessage? Reverse(SystemMessage? top)
    {
        SystemMessage? first = null;
        while (top is not null)
        {
            (top.Next, first, top) = (first, top, top.Next);
        }

        return first;
    }

    private void Fill()
    {
        Envelope? top = Volatile.Read(ref _top);
        while (true)
        {
            if (top is null || ReferenceEquals(top, Busy) || ReferenceEquals(top, Closed))
            {
                return;
            }

            Envelope? seen = Interlocked.CompareExchange(ref _top, Busy, top);
            if (ReferenceEquals(seen, top))
            {
                break;
            }

            top = seen;
        }

        Envelope first = Reverse(top, out int count)!;
        if (_tail is null)
        {
            _head = first;
        }
        else
        {
            _tail.Next = first;
        }

        _tail = top;
        Volatile.Write(ref _taken, _taken + count);
        _peak = Math.Max(_peak, _taken);
    }
}
