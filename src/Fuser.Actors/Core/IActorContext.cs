namespace Fuser.Actors.Core;

/// <summary>What an actor sees of its surroundings. Only valid inside the actor's own turns, on its own thread of the moment.</summary>
public interface IActorContext
{
    /// <summary>The system.</summary>
    ActorSystem System { get; }

    /// <summary>The actor itself.</summary>
    ActorRef Self { get; }

    /// <summary>Who sent the message being handled.</summary>
    ReplyTo Sender { get; }

    /// <summary>The supervisor; null only at the top of the tree.</summary>
    ActorRef? Parent { get; }

    /// <summary>The children that have not stopped.</summary>
    IReadOnlyCollection<ActorRef> Children { get; }

    /// <summary>What the actor says it is busy with; shown when an Ask to it times out. Null says nothing.</summary>
    string? Status { get; set; }

    /// <summary>Creates a child. It starts in its own first turn, so this returns before its constructor has run.</summary>
    /// <param name="props">How to make and run it.</param>
    /// <param name="name">Up to 128 of <c>A-Z a-z 0-9 - _ . $ : + @</c>, unique among the siblings; generated when null.</param>
    /// <exception cref="InvalidActorNameException">The name is malformed or taken.</exception>
    ActorRef ActorOf(Props props, string? name = null);

    /// <summary>The child of that name, or null.</summary>
    ActorRef? Child(string name);

    /// <summary>Stops a child or the actor itself after the message it is handling; what still waits becomes dead letters and failed Asks.</summary>
    void Stop(ActorRef actor);

    /// <summary>Asks for <see cref="Terminated"/> when that actor stops, at once if it already has.</summary>
    void Watch(ActorRef actor);

    /// <summary>Takes <see cref="Watch"/> back; a Terminated already on its way is dropped.</summary>
    void Unwatch(ActorRef actor);

    /// <summary>Handles messages with another method until <see cref="Unbecome"/> or a restart.</summary>
    void Become(Action<object> receive);

    /// <summary>Goes back to Receive.</summary>
    void Unbecome();

    /// <summary>Sends <see cref="ReceiveTimeout"/> each time nothing was received for that long; null ends it.</summary>
    void SetReceiveTimeout(TimeSpan? timeout);
}

/// <summary>Messages put aside for later, with their senders, in order.</summary>
public interface IStash
{
    /// <summary>Messages put aside.</summary>
    int Count { get; }

    /// <summary>Puts the message being handled aside.</summary>
    /// <exception cref="StashOverflowException">The stash is full.</exception>
    void Stash();

    /// <summary>Puts all of them back in front of the mailbox, oldest first. A restart does this too.</summary>
    void UnstashAll();
}

/// <summary>Messages an actor sends itself after a time, by key. A restart or stop cancels all; a cancelled message is never received, even if it was already in the mailbox.</summary>
public interface ITimerScheduler
{
    /// <summary>Sends the message once, replacing the timer of that key.</summary>
    void StartSingleTimer(object key, object message, TimeSpan delay);

    /// <summary>Sends the message again and again, replacing the timer of that key. A tick is skipped while the one before it still waits in the mailbox.</summary>
    void StartPeriodicTimer(object key, object message, TimeSpan initialDelay, TimeSpan interval);

    /// <summary>Cancels the timer of that key, if there is one.</summary>
    void Cancel(object key);

    /// <summary>Cancels all timers.</summary>
    void CancelAll();

    /// <summary>True while a timer of that key is to fire.</summary>
    bool IsTimerActive(object key);
}
