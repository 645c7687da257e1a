using System.Diagnostics;

namespace Fuser.Actors.Core;

/// <summary>Where a cell is in its life.</summary>
internal enum CellState
{
    Creating,
    Running,
    Failed,
    Recreating,
    Terminating,
    Terminated,
}

/// <summary>
/// One actor's place in the tree: its reference, its mailbox, and the turn that runs it. The cell outlives the instances that restarts
/// replace. Everything but posting, closing and describing happens inside the turn, of which there is never more than one.
/// This part is the mailbox and the turn; the others are its life (ActorCell.Lifecycle) and what the actor sees (ActorCell.Context).
/// </summary>
internal sealed partial class ActorCell : ActorRef, IThreadPoolWorkItem
{
    [ThreadStatic]
    private static ActorCell? _running;

    private readonly Props _props;
    private readonly Executor _executor;
    private readonly ActorCell? _parent;
    private Mailbox _mailbox;
    private int _waiting;
    private long _processed;

    // The message being handled. The envelope is null once it has been forwarded or stashed.
    private Envelope? _current;
    private ReplyTo _sender;
    private object? _message;
    private long _since;
    private long _lastReceived;
    private string? _status;

    // Asks that a turn ended without answering: the actor means to answer later, and must not take them to its grave.
    private readonly List<ReplyTo> _owed = [];
    private int _owedLimit = 16;

    internal ActorCell(ActorSystem system, Props props, ActorPath path, ActorCell? parent, Func<ActorCell, ActorRef>? facade = null)
    {
        System = system;
        Path = path;
        _props = props;
        _parent = parent;
        _executor = props.Dispatcher.Attach(this);
        Self = facade?.Invoke(this) ?? this;
        _since = system.Clock.NowMs;
    }

    public override ActorPath Path { get; }

    public override ActorSystem System { get; }

    public override int MailboxLength => _mailbox.Length;

    /// <summary>The reference others hold: the cell, or what stands in front of it (a router, a probe).</summary>
    public ActorRef Self { get; }

    internal static ActorCell? Current => _running;

    internal long Processed => Volatile.Read(ref _processed);

    /// <summary>Messages waiting or being handled.</summary>
    internal int Load => MailboxLength + (Volatile.Read(ref _message) is null ? 0 : 1);

    /// <summary>True when no turn is running or scheduled.</summary>
    internal bool IsIdle => _mailbox.IsIdle;

    internal int MailboxPeak => _mailbox.Peak;

    public void Execute() => RunTurn(_executor.Throughput);

    internal override void Post(Envelope envelope)
    {
        if (_props.MailboxCapacity != 0 && Interlocked.Increment(ref _waiting) > _props.MailboxCapacity && envelope.Message is not IAutoReceivedMessage)
        {
            Interlocked.Decrement(ref _waiting);
            Refuse(envelope, DeadLetterReason.Dropped);
            return;
        }

        switch (_mailbox.Push(envelope))
        {
            case Pushed.MustSchedule:
                _executor.Schedule(this, mayRunHere: true);
                break;
            case Pushed.Refused:
                Refuse(envelope, DeadLetterReason.Dead);
                break;
        }
    }

    internal override void SendSystem(SystemMessage message)
    {
        switch (_mailbox.PushSystem(message))
        {
            case Pushed.MustSchedule:
                _executor.Schedule(this, mayRunHere: false);
                break;
            case Pushed.Refused:
                AfterDeath(message);
                break;
        }
    }

    internal override ActorDoing Describe()
    {
        object? message = Volatile.Read(ref _message);
        string doing = _state switch
        {
            CellState.Creating => "starting",
            CellState.Failed or CellState.Recreating => "failed and waiting for its restart",
            CellState.Terminating => "stopping",
            CellState.Terminated => "stopped",
            _ when message is TimerEntry timer => $"handling {timer.Message.GetType().Name}",
            _ when message is not null => $"handling {message.GetType().Name}",
            _ => "idle",
        };
        doing = Volatile.Read(ref _status) is { } status ? $"{doing}, {status}" : doing;
        return new ActorDoing(MailboxLength, doing, TimeSpan.FromMilliseconds(Math.Max(0, System.Clock.NowMs - Volatile.Read(ref _since))));
    }

    internal void RunTurn(int budget)
    {
        ActorCell? outer = _running;
        _running = this;
        try
        {
            while (true)
            {
                if (_mailbox.HasSystem)
                {
                    HandleSystemMessages();
                }

                if (_mailbox.IsClosed)
                {
                    Abandon();
                    return;
                }

                if (_state != CellState.Running)
                {
                    if (_mailbox.TryPark(keep: true))
                    {
                        return;
                    }
                }
                else if (_mailbox.Take() is { } envelope)
                {
                    Handle(envelope);
                    if (--budget == 0)
                    {
                        _executor.Schedule(this, mayRunHere: false);
                        return;
                    }
                }
                else if (_mailbox.TryPark(keep: false))
                {
                    return;
                }
            }
        }
        finally
        {
            _running = outer;
        }
    }

    /// <summary>The running actor passes an Ask on to another, which then has to answer it.</summary>
    internal void HandOver(PendingAsk ask, ActorRef to)
    {
        // Only while its envelope is here does the object surely still stand for the same Ask.
        if (ReferenceEquals(_current, ask))
        {
            ask.Holder = to;
        }
    }

    internal void ForwardCurrent(ActorRef to, object message)
    {
        if (_current is PendingAsk ask)
        {
            _current = null;
            ask.Message = message;
            ask.Holder = to;
            to.Post(ask);
        }
        else
        {
            to.Tell(message, _sender);
        }
    }

    internal void Unhandled(object message)
    {
        if (message is Terminated terminated)
        {
            throw new DeathPactException(Path, terminated.Actor.Path);
        }

        if (ReferenceEquals(message, _message))
        {
            _sender.TryFail(new MessageUnhandledException(Path, message));
        }

        System.DeadLetters.Publish(message, _sender, Path, DeadLetterReason.Unhandled);
    }

    private void Handle(Envelope envelope)
    {
        if (_props.MailboxCapacity != 0)
        {
            Interlocked.Decrement(ref _waiting);
        }

        _current = envelope;
        _sender = envelope.Sender;
        _since = System.Clock.NowMs;
        Volatile.Write(ref _message, envelope.Message);
        _processed++;
        try
        {
            if (envelope.Activity is null)
            {
                Dispatch(envelope.Message);
            }
            else
            {
                DispatchTraced(envelope.Message, envelope.Activity);
            }
        }
        catch (Exception cause)
        {
            FailOn(envelope.Message, cause);
        }

        if (_current is not null)
        {
            _current = null;
            Settle(envelope);
        }

        _sender = default;
        Volatile.Write(ref _message, null);
    }

    private void Dispatch(object message)
    {
        if (message is IAutoReceivedMessage)
        {
            AutoReceive(message);
        }
        else
        {
            Invoke(message);
        }
    }

    private void Invoke(object message)
    {
        _lastReceived = _since;
        if (_behaviour is null)
        {
            _actor!.OnReceive(message);
        }
        else
        {
            _behaviour(message);
        }
    }

    private void DispatchTraced(object message, Activity parent)
    {
        Activity? outer = Activity.Current;
        Activity? span = ActorTelemetry.StartReceive(message, parent);
        try
        {
            Dispatch(message);
        }
        finally
        {
            span?.Dispose();
            Activity.Current = outer;
        }
    }

    private void AutoReceive(object message)
    {
        switch (message)
        {
            case TimerEntry timer:
                _timers!.Fire(timer);
                break;
            case Terminated terminated:
                if (_terminatedQueued?.Remove(terminated.Actor) == true)
                {
                    Invoke(message);
                }

                break;
            case Identify identify:
                _sender.Tell(new ActorIdentity(identify.Id, Self));
                break;
            case PoisonPill:
                SendSystem(new TerminateMessage());
                break;
            case Kill:
                throw new ActorKilledException(Path);
            default:
                Invoke(message);
                break;
        }
    }

    // The turn is over and the envelope is still here.
    private void Settle(Envelope envelope)
    {
        if (_sender.Ask is { } ask && ReferenceEquals(ask.Holder, Self) && _sender.IsWaiting)
        {
            if (_owed.Count >= _owedLimit)
            {
                _owed.RemoveAll(static owed => !owed.IsWaiting);
                _owedLimit = Math.Max(16, _owed.Count * 2);
            }

            _owed.Add(_sender);
        }

        (envelope as PendingAsk)?.Release();
    }

    // An envelope that no turn will see.
    private void Refuse(Envelope envelope, DeadLetterReason reason)
    {
        object message = envelope.Message;
        if (envelope.Sender.Ask is not null && envelope.Sender.IsWaiting)
        {
            envelope.Sender.TryFail(reason == DeadLetterReason.Dropped
                ? new MailboxFullException(Path, message, _props.MailboxCapacity)
                : new ActorStoppedException(Path, message, _failure ?? System.TerminationCause));
        }

        if (message is not IAutoReceivedMessage)
        {
            System.DeadLetters.Publish(message, envelope.Sender, Path, reason);
        }

        (envelope as PendingAsk)?.Release();
    }

    private void RefuseAll(Envelope? envelopes)
    {
        while (envelopes is not null)
        {
            Envelope? next = envelopes.Next;
            envelopes.Next = null;
            Refuse(envelopes, DeadLetterReason.Dead);
            envelopes = next;
        }
    }
}
