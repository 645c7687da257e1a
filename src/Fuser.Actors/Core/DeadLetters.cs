namespace Fuser.Actors.Core;

/// <summary>Why a message did not arrive.</summary>
public enum DeadLetterReason
{
    /// <summary>The receiver had stopped, or the Ask was already over.</summary>
    Dead,

    /// <summary>The receiver does not know the message.</summary>
    Unhandled,

    /// <summary>The receiver's bounded mailbox was full.</summary>
    Dropped,
}

/// <summary>A message that did not arrive.</summary>
/// <param name="Message">The message.</param>
/// <param name="Sender">Who would have got the answer. An Ask has been failed already.</param>
/// <param name="Recipient">Where it was to go.</param>
/// <param name="Reason">Why it did not.</param>
public sealed record DeadLetter(object Message, ReplyTo Sender, ActorPath Recipient, DeadLetterReason Reason);

/// <summary>The one stream of everything that did not arrive, with a counter for each reason.</summary>
public sealed class DeadLetters
{
    private readonly Lock _gate = new();
    private ActorRef[] _subscribers = [];
    private long _dead;
    private long _unhandled;
    private long _dropped;

    /// <summary>Messages to actors that had stopped, and answers to Asks that were over.</summary>
    public long Dead => Interlocked.Read(ref _dead);

    /// <summary>Messages their receiver did not know.</summary>
    public long Unhandled => Interlocked.Read(ref _unhandled);

    /// <summary>Messages refused by full mailboxes.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Sends every further <see cref="DeadLetter"/> to an actor until the result is disposed.</summary>
    public IDisposable Subscribe(ActorRef subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        lock (_gate)
        {
            _subscribers = [.. _subscribers, subscriber];
        }

        return new Subscription(this, subscriber);
    }

    internal void Publish(object message, ReplyTo sender, ActorPath recipient, DeadLetterReason reason)
    {
        Interlocked.Increment(ref reason == DeadLetterReason.Dead ? ref _dead : ref reason == DeadLetterReason.Unhandled ? ref _unhandled : ref _dropped);

        // A dead letter about a dead letter would go round for ever.
        ActorRef[] subscribers = Volatile.Read(ref _subscribers);
        if (subscribers.Length == 0 || message is DeadLetter)
        {
            return;
        }

        var letter = new DeadLetter(message, sender, recipient, reason);
        foreach (ActorRef subscriber in subscribers)
        {
            subscriber.Tell(letter, default);
        }
    }

    private sealed class Subscription(DeadLetters owner, ActorRef subscriber) : IDisposable
    {
        private ActorRef? _subscriber = subscriber;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _subscriber, null) is not { } gone)
            {
                return;
            }

            lock (owner._gate)
            {
                int at = Array.IndexOf(owner._subscribers, gone);
                owner._subscribers = [.. owner._subscribers[..at], .. owner._subscribers[(at + 1)..]];
            }
        }
    }
}
