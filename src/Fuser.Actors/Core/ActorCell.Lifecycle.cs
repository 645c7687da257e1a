namespace Fuser.Actors.Core;

/// <content>
/// Start, failure, restart, stop, supervision and death watch. Differs from Akka in one point: while an actor waits for its
/// supervisor's decision its children go on working; a restart stops them, a resume leaves them as they are.
/// </content>
internal sealed partial class ActorCell
{
    private readonly Lock _childrenGate = new();
    private Dictionary<string, ChildEntry>? _children;
    private int _nextName;

    private HashSet<ActorRef>? _watchers;
    private HashSet<ActorRef>? _watching;
    private HashSet<ActorRef>? _terminatedQueued;

    private volatile CellState _state;
    private Actor? _actor;
    private bool _binding;
    private Exception? _failure;
    private object? _failedOn;

    internal static ActorCell BindInstance()
    {
        if (_running is not { _binding: true } cell)
        {
            throw new InvalidOperationException("Actors are created by ActorOf, which calls the factory of their Props; new outside of it makes no actor.");
        }

        cell._binding = false;
        return cell;
    }

    internal ActorRef CreateChild(Props props, string? name, Func<ActorCell, ActorRef>? facade = null)
    {
        ActorCell child;
        lock (_childrenGate)
        {
            if (_state is CellState.Terminating or CellState.Terminated)
            {
                throw new ActorStoppedException(Path, props, _failure);
            }

            _children ??= [];
            name = CheckName(name);
            if (props.Router is { } router)
            {
                facade = cell => new RouterRef(cell, router);
                props = router.Supervise(props);
            }

            child = new ActorCell(System, props, Path.Child(name), this, facade);
            _children.Add(name, new ChildEntry(child.Self));
        }

        child.SendSystem(new CreateMessage());
        return child.Self;
    }

    internal ActorRef[] ChildrenSnapshot()
    {
        lock (_childrenGate)
        {
            return _children is null ? [] : [.. _children.Values.Select(static c => c.Actor)];
        }
    }

    /// <summary>Ends actors that did not stop in time, from outside their turns: waiting Asks fail, further messages are refused, and parents are told, so that they can end in order.</summary>
    internal void AbortLeaves()
    {
        ActorRef[] children = ChildrenSnapshot();
        foreach (ActorRef child in children)
        {
            child.Cell.AbortLeaves();
        }

        if (children.Length == 0 && !_mailbox.IsClosed)
        {
            SystemMessage? unhandled = _mailbox.CloseSystem();
            RefuseAll(_mailbox.Close(out bool wasIdle));
            if (wasIdle)
            {
                // It was never told to stop, because its parent hangs: one last turn for its PostStop.
                _executor.Schedule(this, mayRunHere: false);
            }

            AnswerLate(unhandled);
            AnnounceDeath();
        }
    }

    /// <summary>Messages handled and longest mailbox of this cell and all below.</summary>
    internal void Measure(ref long messages, ref int actors, ref int peak)
    {
        messages += Processed;
        actors++;
        peak = Math.Max(peak, MailboxPeak);
        foreach (ActorRef child in ChildrenSnapshot())
        {
            child.Cell.Measure(ref messages, ref actors, ref peak);
        }
    }

    private string CheckName(string? name)
    {
        if (name is null)
        {
            do
            {
                name = $"${++_nextName}";
            }
            while (_children!.ContainsKey(name));
        }
        else if (!ActorPath.IsValidName(name))
        {
            throw new InvalidActorNameException(Path, name, $"it must be 1 to {ActorPath.MaxNameLength} of A-Z a-z 0-9 - _ . $ : + @");
        }
        else if (_children!.ContainsKey(name))
        {
            throw new InvalidActorNameException(Path, name, "a sibling has it; a name is free again once its owner has stopped");
        }

        return name;
    }

    private void HandleSystemMessages()
    {
        SystemMessage? message = _mailbox.TakeSystem();
        while (message is not null)
        {
            SystemMessage? next = message.Next;
            message.Next = null;
            if (_state == CellState.Terminated)
            {
                AfterDeath(message);
            }
            else
            {
                HandleSystem(message);
            }

            message = next;
        }
    }

    private void HandleSystem(SystemMessage message)
    {
        switch (message)
        {
            case CreateMessage:
                Start(cause: null);
                break;
            case TerminateMessage:
                Terminate();
                break;
            case ResumeMessage:
                Resume();
                break;
            case RecreateMessage recreate:
                Recreate(recreate);
                break;
            case ChildFailedMessage failed:
                Supervise(failed);
                break;
            case WatchMessage watch:
                (_watchers ??= []).Add(watch.Watcher);
                break;
            case UnwatchMessage unwatch:
                _watchers?.Remove(unwatch.Watcher);
                break;
            case StoppedMessage stopped:
                OnStopped(stopped.Actor);
                break;
        }
    }

    // A system message that came too late. Whoever watches the dead is told at once.
    private void AfterDeath(SystemMessage message)
    {
        if (message is WatchMessage watch)
        {
            watch.Watcher.SendSystem(new StoppedMessage(Self));
        }
    }

    private void Start(Exception? cause)
    {
        try
        {
            _binding = true;
            _actor = _props.Factory();
            if (_binding || !_actor.BelongsTo(this))
            {
                throw new InvalidOperationException("The factory of the Props returned an actor that it had returned before; it must create one each time.");
            }

            _failure = null;
            if (cause is null)
            {
                _actor.OnPreStart();
            }
            else
            {
                _actor.OnPostRestart(cause);
            }

            _state = CellState.Running;
        }
        catch (Exception failure)
        {
            _actor = null;
            Fail(new ActorInitializationException(Path, failure), null);
        }
        finally
        {
            _binding = false;
        }
    }

    // The actor threw on a message: that message's Ask fails now, unless another has it; the rest waits for the supervisor.
    private void FailOn(object message, Exception cause)
    {
        if (_sender.Ask is { } ask && _current is not null && ReferenceEquals(ask.Holder, Self) && _sender.IsWaiting)
        {
            _sender.TryFail(new ActorFailedException(Path, message, cause));
        }

        Fail(cause, message);
    }

    private void Fail(Exception cause, object? message)
    {
        if (_state is CellState.Terminating or CellState.Terminated)
        {
            System.Log.HookFailed(Path, "stop", cause);
            return;
        }

        _state = CellState.Failed;
        _since = System.Clock.NowMs;
        _failure = cause;
        _failedOn = message;
        if (_parent is null)
        {
            System.OnGuardianFailed(cause);
        }
        else
        {
            _parent.SendSystem(new ChildFailedMessage(Self, cause));
        }
    }

    private void Supervise(ChildFailedMessage failed)
    {
        if (_state == CellState.Terminating || FindChild(failed.Child) is not { Stopping: false } child)
        {
            return;
        }

        Directive directive;
        TimeSpan delay;
        try
        {
            SupervisorStrategy strategy = _props.SupervisorStrategy ?? _actor?.StrategyForChildren ?? SupervisorStrategy.Default;
            (directive, delay) = strategy.Decide(child, failed.Cause, System.Clock.NowMs);
        }
        catch (Exception cause)
        {
            Fail(cause, null);
            return;
        }

        System.Log.ActorFailed(child.Actor.Path, directive, delay, failed.Cause);
        switch (directive)
        {
            case Directive.Resume:
                child.Actor.SendSystem(new ResumeMessage());
                break;
            case Directive.Restart:
                System.SendAfter(delay, child.Actor, new RecreateMessage(failed.Cause, always: false));
                break;
            case Directive.Stop:
                StopChild(child);
                break;
            default:
                Fail(failed.Cause, null);
                break;
        }
    }

    private void Resume()
    {
        if (_state != CellState.Failed)
        {
            return;
        }

        if (_actor is null)
        {
            Recreate(new RecreateMessage(_failure!, always: false));
            return;
        }

        _state = CellState.Running;
        _failure = null;
        foreach (ActorRef child in ChildrenSnapshot())
        {
            // One of them may be what failed this actor, by escalation.
            child.SendSystem(new ResumeMessage());
        }
    }

    private void Recreate(RecreateMessage recreate)
    {
        if (_state is not CellState.Failed && !(recreate.Always && _state == CellState.Running))
        {
            return;
        }

        if (_actor is null)
        {
            // It never started, so it cannot say what is to become of the children it already had.
            StopChildren();
        }

        RunHook("PreRestart", actor => actor.OnPreRestart(recreate.Cause, _failedOn));
        _actor = null;
        _failedOn = null;
        _failure = recreate.Cause;
        ForgetInstanceState(recreate.Cause);
        System.CountRestart();
        _state = CellState.Recreating;
        FinishRecreate();
    }

    private void FinishRecreate()
    {
        lock (_childrenGate)
        {
            if (_children?.Values.Any(static c => c.Stopping) == true)
            {
                return;
            }
        }

        Exception cause = _failure!;
        ActorRef[] kept = ChildrenSnapshot();
        Start(cause);
        foreach (ActorRef child in kept)
        {
            child.SendSystem(new RecreateMessage(cause, always: true));
        }
    }

    private void Terminate()
    {
        lock (_childrenGate)
        {
            if (_state is CellState.Terminating or CellState.Terminated)
            {
                return;
            }

            _state = CellState.Terminating;
            _since = System.Clock.NowMs;
        }

        StopChildren();
        FinishTerminate();
    }

    private void FinishTerminate()
    {
        lock (_childrenGate)
        {
            if (_children is { Count: > 0 })
            {
                return;
            }
        }

        RunHook("PostStop", static actor => actor.OnPostStop());
        _state = CellState.Terminated;
        SystemMessage? late = _mailbox.CloseSystem();
        RefuseAll(_mailbox.Close(out _));
        Abandon();
        AnswerLate(late);
        foreach (ActorRef watched in _watching ?? [])
        {
            watched.SendSystem(new UnwatchMessage(Self));
        }

        foreach (ActorRef watcher in _watchers ?? [])
        {
            if (!ReferenceEquals(watcher, _parent?.Self))
            {
                watcher.SendSystem(new StoppedMessage(Self));
            }
        }

        AnnounceDeath();
    }

    // The mailbox is closed: by the end of the actor, or from outside because it did not end in time.
    private void Abandon()
    {
        if (_state != CellState.Terminated)
        {
            RunHook("PostStop", static actor => actor.OnPostStop());
            _state = CellState.Terminated;
        }

        _actor = null;
        ForgetInstanceState(_failure);
        while (_mailbox.Take() is { } envelope)
        {
            Refuse(envelope, DeadLetterReason.Dead);
        }
    }

    private void AnswerLate(SystemMessage? late)
    {
        while (late is not null)
        {
            AfterDeath(late);
            late = late.Next;
        }
    }

    private void AnnounceDeath()
    {
        System.CountStopped(this);
        _executor.Detach();
        if (_parent is null)
        {
            System.OnGuardianStopped();
        }
        else
        {
            _parent.SendSystem(new StoppedMessage(Self));
        }
    }

    private void OnStopped(ActorRef actor)
    {
        bool wasChild = false;
        lock (_childrenGate)
        {
            if (_children is not null && _children.TryGetValue(actor.Path.Name, out ChildEntry? child) && ReferenceEquals(child.Actor, actor))
            {
                wasChild = _children.Remove(actor.Path.Name);
            }
        }

        if (_watching?.Remove(actor) == true)
        {
            (_terminatedQueued ??= []).Add(actor);
            Post(new Envelope { Message = new Terminated(actor), Sender = actor });
        }

        if (!wasChild)
        {
            return;
        }

        if (_state == CellState.Recreating)
        {
            FinishRecreate();
        }
        else if (_state == CellState.Terminating)
        {
            FinishTerminate();
        }
    }

    private ChildEntry? FindChild(ActorRef actor)
    {
        lock (_childrenGate)
        {
            return _children is not null && _children.TryGetValue(actor.Path.Name, out ChildEntry? child) && ReferenceEquals(child.Actor, actor) ? child : null;
        }
    }

    private void StopChildren()
    {
        foreach (ActorRef child in ChildrenSnapshot())
        {
            StopChild(FindChild(child)!);
        }
    }

    private static void StopChild(ChildEntry child)
    {
        child.Stopping = true;
        child.Actor.SendSystem(new TerminateMessage());
    }

    private void RunHook(string hook, Action<Actor> call)
    {
        if (_actor is not { } actor)
        {
            return;
        }

        try
        {
            call(actor);
        }
        catch (Exception cause)
        {
            System.Log.HookFailed(Path, hook, cause);
        }
    }

    // What belongs to an instance goes with it: timers, behaviour, and the Asks it meant to answer later.
    private void ForgetInstanceState(Exception? cause)
    {
        _timers?.CancelAll();
        _behaviour = null;
        _status = null;
        UnstashAll(_stash);
        foreach (ReplyTo owed in _owed)
        {
            if (owed.Ask is { } ask && owed.IsWaiting && ReferenceEquals(ask.Holder, Self))
            {
                owed.TryFail(new ActorStoppedException(Path, ask.Message, cause));
            }
        }

        _owed.Clear();
    }
}
