namespace Fuser.Actors.Core;

/// <content>What the actor sees of its surroundings, its stash and its timers.</content>
internal sealed partial class ActorCell : IActorContext, IStash
{
    private readonly List<Envelope> _stash = [];
    private Action<object>? _behaviour;
    private TimerScheduler? _timers;

    public ReplyTo Sender
    {
        get
        {
            CheckTurn();
            return _sender;
        }
    }

    public ActorRef? Parent => _parent?.Self;

    public IReadOnlyCollection<ActorRef> Children => ChildrenSnapshot();

    public string? Status
    {
        get => Volatile.Read(ref _status);
        set => Volatile.Write(ref _status, value);
    }

    int IStash.Count => _stash.Count;

    internal TimerScheduler Timers
    {
        get
        {
            CheckTurn();
            return _timers ??= new TimerScheduler(this);
        }
    }

    internal override ActorCell Cell => this;

    public ActorRef ActorOf(Props props, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(props);
        CheckTurn();
        return CreateChild(props, name);
    }

    public ActorRef? Child(string name)
    {
        lock (_childrenGate)
        {
            return _children is not null && _children.TryGetValue(name, out ChildEntry? child) ? child.Actor : null;
        }
    }

    public void Stop(ActorRef actor)
    {
        ArgumentNullException.ThrowIfNull(actor);
        CheckTurn();
        if (FindChild(actor) is { } child)
        {
            StopChild(child);
        }
        else if (ReferenceEquals(actor, Self))
        {
            SendSystem(new TerminateMessage());
        }
        else
        {
            throw new InvalidOperationException($"'{Path}' can stop its children and itself, not '{actor}'. Send PoisonPill instead.");
        }
    }

    public void Watch(ActorRef actor)
    {
        ArgumentNullException.ThrowIfNull(actor);
        CheckTurn();
        if (!ReferenceEquals(actor, Self) && (_watching ??= []).Add(actor))
        {
            actor.SendSystem(new WatchMessage(Self));
        }
    }

    public void Unwatch(ActorRef actor)
    {
        ArgumentNullException.ThrowIfNull(actor);
        CheckTurn();
        _terminatedQueued?.Remove(actor);
        if (_watching?.Remove(actor) == true)
        {
            actor.SendSystem(new UnwatchMessage(Self));
        }
    }

    public void Become(Action<object> receive)
    {
        ArgumentNullException.ThrowIfNull(receive);
        CheckTurn();
        _behaviour = receive;
    }

    public void Unbecome()
    {
        CheckTurn();
        _behaviour = null;
    }

    public void SetReceiveTimeout(TimeSpan? timeout) => Timers.SetReceiveTimeout(timeout);

    void IStash.Stash()
    {
        CheckTurn();
        if (_current is null)
        {
            throw new InvalidOperationException("There is no message to stash: it has been stashed or forwarded already.");
        }

        if (_stash.Count >= _props.StashCapacity)
        {
            throw new StashOverflowException(Path, _props.StashCapacity);
        }

        if (_current.Message is Terminated terminated)
        {
            _terminatedQueued!.Add(terminated.Actor);
        }

        _stash.Add(_current);
        _current = null;
    }

    void IStash.UnstashAll()
    {
        CheckTurn();
        UnstashAll(_stash);
    }

    internal void Deliver(object message) => Invoke(message);

    /// <summary>When the actor last received something, for its receive timeout.</summary>
    internal long LastReceived => _lastReceived;

    private void UnstashAll(List<Envelope> stash)
    {
        if (stash.Count > 0)
        {
            Interlocked.Add(ref _waiting, stash.Count);
            _mailbox.Prepend(stash);
            stash.Clear();
        }
    }

    private void CheckTurn()
    {
        if (!ReferenceEquals(_running, this))
        {
            throw new InvalidOperationException(
                $"The context of '{Path}' was used outside its turn, probably after an await. Keep what is needed in locals and PipeTo(Self).");
        }
    }
}
