using System.Diagnostics;

namespace Fuser.Actors.Core;

/// <summary>
/// One message on its way: the node of the mailbox's stack. It has exactly one owner at a time, a mailbox or a running turn;
/// forwarding an Ask moves the node itself.
/// </summary>
internal class Envelope
{
    internal object Message = null!;
    internal ReplyTo Sender;
    internal Envelope? Next;

    // Messages in the stack from here down: the mailbox's length for free, without a shared counter.
    internal int Depth;

    // Null unless an Activity was current at the sender, so that tracing costs nothing when it is off.
    internal Activity? Activity;
}

/// <summary>Messages of the runtime to a cell: in a stack of their own, handled before any user message, never bounded.</summary>
internal abstract class SystemMessage
{
    internal SystemMessage? Next;
}

internal sealed class CreateMessage : SystemMessage;

internal sealed class TerminateMessage : SystemMessage;

internal sealed class ResumeMessage : SystemMessage;

/// <summary>Replace the instance.</summary>
/// <param name="cause">Why.</param>
/// <param name="always">Even if the actor has not failed itself: its parent has, and kept it.</param>
internal sealed class RecreateMessage(Exception cause, bool always) : SystemMessage
{
    internal Exception Cause { get; } = cause;

    internal bool Always { get; } = always;
}

internal sealed class ChildFailedMessage(ActorRef child, Exception cause) : SystemMessage
{
    internal ActorRef Child { get; } = child;

    internal Exception Cause { get; } = cause;
}

internal sealed class WatchMessage(ActorRef watcher) : SystemMessage
{
    internal ActorRef Watcher { get; } = watcher;
}

internal sealed class UnwatchMessage(ActorRef watcher) : SystemMessage
{
    internal ActorRef Watcher { get; } = watcher;
}

/// <summary>An actor has stopped: sent to its parent and to all who watch it.</summary>
internal sealed class StoppedMessage(ActorRef actor) : SystemMessage
{
    internal ActorRef Actor { get; } = actor;
}
