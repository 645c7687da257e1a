namespace Fuser.Actors.Core;

/// <summary>
/// The address of an actor: all that others ever hold of it. Safe from any thread, valid across restarts of the actor, and still
/// usable after it stopped (messages then become dead letters, Asks fail at once).
/// </summary>
public abstract class ActorRef
{
    private protected ActorRef()
    {
    }

    /// <summary>Where the actor stands in its system.</summary>
    public virtual ActorPath Path => Cell.Path;

    /// <summary>The system the actor lives in.</summary>
    public virtual ActorSystem System => Cell.System;

    /// <summary>Number of messages waiting, give or take those on their way at this moment.</summary>
    public virtual int MailboxLength => Cell.MailboxLength;

    /// <summary>Sends a message and returns at once. The running actor, if any, is the sender.</summary>
    /// <param name="message">An immutable message.</param>
    public void Tell(object message) => Tell(message, ActorCell.Current?.Self);

    /// <summary>Sends a message and returns at once.</summary>
    /// <param name="message">An immutable message.</param>
    /// <param name="sender">Who gets the answers: an actor, or the <see cref="Actor.Sender"/> of the message being handled, which is then this actor's to answer.</param>
    public void Tell(object message, ReplyTo sender)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (sender.Ask is { } ask)
        {
            ActorCell.Current?.HandOver(ask, this);
        }

        Post(new Envelope { Message = message, Sender = sender, Activity = global::System.Diagnostics.Activity.Current });
    }

    /// <summary>Passes the message being handled, or another in its place, on to this actor, which then answers the original sender. Allocates nothing for an Ask.</summary>
    /// <exception cref="InvalidOperationException">Called outside an actor's turn.</exception>
    public void Forward(object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        ActorCell cell = ActorCell.Current ?? throw new InvalidOperationException("Forward needs a message being handled: call it in Receive, or use Tell.");
        cell.ForwardCurrent(this, message);
    }

    /// <summary>Sends a message and waits for one answer. A warm Ask allocates nothing; await the result exactly once.</summary>
    /// <typeparam name="T">Type of the answer.</typeparam>
    /// <param name="message">An immutable message.</param>
    /// <param name="timeout">Longest wait, over zero; the system's <see cref="ActorSystemOptions.AskTimeout"/> when null. There is no infinite Ask.</param>
    /// <param name="cancellationToken">Gives up waiting. The message stays where it is; its handler can look at <see cref="ReplyTo.IsWaiting"/>.</param>
    /// <returns>The answer. It faults with <see cref="AskTimeoutException"/>, <see cref="ActorStoppedException"/>, <see cref="MailboxFullException"/>,
    /// <see cref="ActorFailedException"/>, <see cref="MessageUnhandledException"/>, <see cref="UnexpectedReplyException"/>, or with the cause of a <see cref="Status.Failure"/>.</returns>
    public ValueTask<T> Ask<T>(object message, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        AskRegistry asks = System.Asks;
        long timeoutMs = timeout is { } t ? AskRegistry.Milliseconds(t) : asks.DefaultTimeoutMs;
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        PendingAsk<T> ask = asks.Rent<T>();
        ValueTask<T> answer = ask.Begin(this, message, timeoutMs, cancellationToken);
        Post(ask);
        asks.Watch(ask);
        return answer;
    }

    /// <summary>The path.</summary>
    public override string ToString() => Path.ToString();

    /// <summary>The cell behind the reference.</summary>
    internal abstract ActorCell Cell { get; }

    internal abstract void Post(Envelope envelope);

    internal virtual void SendSystem(SystemMessage message) => Cell.SendSystem(message);

    /// <summary>What the actor is doing right now, in words, for whoever waited in vain.</summary>
    internal virtual ActorDoing Describe() => Cell.Describe();
}

/// <summary>A glance at an actor from outside its turn.</summary>
/// <param name="MailboxLength">Messages waiting.</param>
/// <param name="Text">"handling Compile", "idle" and the like.</param>
/// <param name="For">How long so, as far as known.</param>
internal readonly record struct ActorDoing(int MailboxLength, string Text, TimeSpan? For);
