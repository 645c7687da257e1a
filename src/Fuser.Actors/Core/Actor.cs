namespace Fuser.Actors.Core;

/// <summary>
/// Base of all actors: state that only its own turns touch, one message at a time. Created through <see cref="IActorContext.ActorOf"/>
/// or <see cref="ActorSystem.ActorOf"/>. There is no asynchronous Receive on purpose: start the work, <c>PipeTo(Self)</c>, and return,
/// so that the actor stays answerable.
/// </summary>
public abstract class Actor
{
    private readonly ActorCell _cell;

    /// <summary>Binds the instance to the cell that is creating it. <see cref="Context"/> may be used in the constructor.</summary>
    /// <exception cref="InvalidOperationException">Created with <c>new</c> outside a Props factory.</exception>
    protected Actor() => _cell = ActorCell.BindInstance();

    /// <summary>The actor's view of its surroundings. Only valid inside its own turns.</summary>
    protected IActorContext Context => _cell;

    /// <summary>The actor's own reference.</summary>
    protected ActorRef Self => _cell.Self;

    /// <summary>Who sent the message being handled. Keep it in a local or a field to answer later.</summary>
    protected ReplyTo Sender => _cell.Sender;

    /// <summary>Messages put aside for later.</summary>
    protected IStash Stash => _cell;

    /// <summary>Messages to itself after a time.</summary>
    protected ITimerScheduler Timers => _cell.Timers;

    /// <summary>How this actor treats its failing children, unless its Props say otherwise.</summary>
    protected virtual SupervisorStrategy SupervisorStrategy => SupervisorStrategy.Default;

    /// <summary>Handles one message. Call <see cref="Unhandled"/> for those it does not know.</summary>
    protected abstract void Receive(object message);

    /// <summary>Called before the first message, and after a restart through <see cref="PostRestart"/>.</summary>
    protected virtual void PreStart()
    {
    }

    /// <summary>Called after the last message, when all children have stopped; on a restart through <see cref="PreRestart"/>.</summary>
    protected virtual void PostStop()
    {
    }

    /// <summary>Called on the failed instance before it is replaced. Stops all children and calls <see cref="PostStop"/> unless overridden; children left alone are restarted too.</summary>
    /// <param name="cause">Why it failed.</param>
    /// <param name="message">The message it failed on, if there was one.</param>
    protected virtual void PreRestart(Exception cause, object? message)
    {
        foreach (ActorRef child in Context.Children)
        {
            Context.Unwatch(child);
            Context.Stop(child);
        }

        PostStop();
    }

    /// <summary>Called on the fresh instance. Calls <see cref="PreStart"/> unless overridden.</summary>
    protected virtual void PostRestart(Exception cause) => PreStart();

    /// <summary>For messages the actor does not know: publishes them on the dead letter stream and fails the Ask at once.</summary>
    /// <exception cref="DeathPactException">The message is a <see cref="Terminated"/>.</exception>
    protected virtual void Unhandled(object message) => _cell.Unhandled(message);

    internal SupervisorStrategy StrategyForChildren => SupervisorStrategy;

    internal bool BelongsTo(ActorCell cell) => ReferenceEquals(_cell, cell);

    internal void OnReceive(object message) => Receive(message);

    internal void OnPreStart() => PreStart();

    internal void OnPostStop() => PostStop();

    internal void OnPreRestart(Exception cause, object? message) => PreRestart(cause, message);

    internal void OnPostRestart(Exception cause) => PostRestart(cause);
}
