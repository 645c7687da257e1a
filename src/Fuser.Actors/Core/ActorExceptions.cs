using Fuser.Kernels;

namespace Fuser.Actors.Core;

/// <summary>Base of the errors of the actor runtime.</summary>
public abstract class ActorException : FuserException
{
    private protected ActorException(string code, string message, ActorPath actor, Exception? innerException = null)
        : base(code, message, innerException) => Actor = actor;

    /// <summary>The actor the error is about.</summary>
    public ActorPath Actor { get; }
}

/// <summary>An Ask got no answer in time. The message names the actor, the message, the mailbox and what the actor was doing.</summary>
public sealed class AskTimeoutException : ActorException
{
    internal AskTimeoutException(ActorPath actor, object message, TimeSpan timeout, ActorDoing doing)
        : base(ErrorCodes.AskTimeout, Text(actor, message, timeout, doing), actor)
    {
        MessageType = message.GetType().Name;
        Timeout = timeout;
        MailboxLength = doing.MailboxLength;
        Doing = doing.Text;
        DoingFor = doing.For;
    }

    /// <summary>Type name of the message that was not answered.</summary>
    public string MessageType { get; }

    /// <summary>How long the Ask waited.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>Messages waiting at the actor when the Ask gave up.</summary>
    public int MailboxLength { get; }

    /// <summary>What the actor was doing when the Ask gave up.</summary>
    public string Doing { get; }

    /// <summary>How long it had been doing so; null when unknown.</summary>
    public TimeSpan? DoingFor { get; }

    private static string Text(ActorPath actor, object message, TimeSpan timeout, ActorDoing doing)
    {
        string lasting = doing.For is { } d ? $" for {d.TotalSeconds:0.0##} s" : "";
        return $"Ask timed out after {timeout.TotalSeconds:0.0##} s: '{actor}' in '{actor.System}' did not answer {message.GetType().Name} " +
            $"(mailbox {doing.MailboxLength}, {doing.Text}{lasting}). Raise the timeout, or look at what keeps the actor.";
    }
}

/// <summary>The actor stopped before it answered, or had stopped before it was asked.</summary>
public sealed class ActorStoppedException : ActorException
{
    internal ActorStoppedException(ActorPath actor, object message, Exception? cause)
        : base(ErrorCodes.Stopped, $"'{actor}' in '{actor.System}' stopped before it answered {message.GetType().Name}{Because(cause)}. Get a fresh reference and ask again.", actor, cause)
    {
    }

    private static string Because(Exception? cause) => cause is null ? "" : $" (it had failed: {cause.Message})";
}

/// <summary>The bounded mailbox of the actor is full, so the message was refused.</summary>
public sealed class MailboxFullException : ActorException
{
    internal MailboxFullException(ActorPath actor, object message, int capacity)
        : base(ErrorCodes.Overloaded, $"The mailbox of '{actor}' holds its {capacity} messages; {message.GetType().Name} was refused. Ask again later, or raise the capacity in its Props.", actor) =>
        Capacity = capacity;

    /// <summary>The mailbox's limit.</summary>
    public int Capacity { get; }
}

/// <summary>The actor stashed more messages than its Props allow.</summary>
public sealed class StashOverflowException : ActorException
{
    internal StashOverflowException(ActorPath actor, int capacity)
        : base(ErrorCodes.Overloaded, $"The stash of '{actor}' holds its {capacity} messages. Unstash earlier, or raise the capacity in its Props.", actor)
    {
    }
}

/// <summary>The actor threw while it handled the message. Its supervisor has been told; the next message may well succeed.</summary>
public sealed class ActorFailedException : ActorException
{
    internal ActorFailedException(ActorPath actor, object message, Exception cause)
        : base(ErrorCodes.ActorFailed, $"'{actor}' in '{actor.System}' failed while it handled {message.GetType().Name}: {cause.Message}", actor, cause)
    {
    }
}

/// <summary>The actor could not be created, or its start hook threw. The default supervision stops it.</summary>
public sealed class ActorInitializationException : ActorException
{
    internal ActorInitializationException(ActorPath actor, Exception cause)
        : base(ErrorCodes.ActorFailed, $"'{actor}' in '{actor.System}' could not start: {cause.Message}", actor, cause)
    {
    }
}

/// <summary>The actor was sent <see cref="Kill"/>.</summary>
public sealed class ActorKilledException : ActorException
{
    internal ActorKilledException(ActorPath actor)
        : base(ErrorCodes.ActorFailed, $"'{actor}' was killed.", actor)
    {
    }
}

/// <summary>An actor did not handle the <see cref="Terminated"/> of an actor it watched, so it fails with it.</summary>
public sealed class DeathPactException : ActorException
{
    internal DeathPactException(ActorPath actor, ActorPath dead)
        : base(ErrorCodes.ActorFailed, $"'{actor}' watched '{dead}', which stopped, and does not handle Terminated.", actor)
    {
    }
}

/// <summary>The actor has no handler for the message.</summary>
public sealed class MessageUnhandledException : ActorException
{
    internal MessageUnhandledException(ActorPath actor, object message)
        : base(ErrorCodes.MessageUnhandled, $"'{actor}' does not handle {message.GetType().Name}. Check the receiver of the message.", actor)
    {
    }
}

/// <summary>The answer to an Ask has another type than was asked for.</summary>
public sealed class UnexpectedReplyException : ActorException
{
    internal UnexpectedReplyException(ActorPath actor, object message, object reply, Type wanted)
        : base(ErrorCodes.UnexpectedReply, $"'{actor}' answered {message.GetType().Name} with {reply.GetType().Name}, wanted {wanted.Name}.", actor)
    {
    }
}

/// <summary>The name of a new actor is malformed or taken by a sibling.</summary>
public sealed class InvalidActorNameException : ActorException
{
    internal InvalidActorNameException(ActorPath parent, string name, string why)
        : base(ErrorCodes.InvalidActorName, $"'{name}' cannot be the name of an actor under '{parent}': {why}.", parent)
    {
    }
}
