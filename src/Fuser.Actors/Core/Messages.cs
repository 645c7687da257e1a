namespace Fuser.Actors.Core;

/// <summary>Marks messages the runtime acts on itself before, or instead of, showing them to the actor.</summary>
public interface IAutoReceivedMessage;

/// <summary>An actor watched through <see cref="IActorContext.Watch"/> has stopped. Left unhandled it fails the watcher with <see cref="DeathPactException"/>.</summary>
/// <param name="Actor">The actor that stopped.</param>
public sealed record Terminated(ActorRef Actor) : IAutoReceivedMessage;

/// <summary>Stops the actor once the messages before it are handled.</summary>
public sealed record PoisonPill : IAutoReceivedMessage
{
    /// <summary>The only instance.</summary>
    public static PoisonPill Instance { get; } = new();

    private PoisonPill()
    {
    }
}

/// <summary>Makes the actor fail with <see cref="ActorKilledException"/>; its supervisor decides, by default to stop it.</summary>
public sealed record Kill : IAutoReceivedMessage
{
    /// <summary>The only instance.</summary>
    public static Kill Instance { get; } = new();

    private Kill()
    {
    }
}

/// <summary>Answered by every running actor with <see cref="ActorIdentity"/>, in mailbox order.</summary>
/// <param name="Id">Given back in the answer.</param>
public sealed record Identify(object? Id) : IAutoReceivedMessage;

/// <summary>The answer to <see cref="Identify"/>.</summary>
/// <param name="Id">The id of the question.</param>
/// <param name="Actor">The actor that answered.</param>
public sealed record ActorIdentity(object? Id, ActorRef Actor);

/// <summary>Nothing was received for the time set with <see cref="IActorContext.SetReceiveTimeout"/>.</summary>
public sealed record ReceiveTimeout
{
    /// <summary>The only instance.</summary>
    public static ReceiveTimeout Instance { get; } = new();

    private ReceiveTimeout()
    {
    }
}

/// <summary>Outcomes as messages.</summary>
public static class Status
{
    /// <summary>It worked.</summary>
    /// <param name="Value">The outcome, if there is one.</param>
    public sealed record Success(object? Value = null);

    /// <summary>It failed. As the answer to an Ask it makes the Ask throw <paramref name="Cause"/>.</summary>
    /// <param name="Cause">Why.</param>
    public sealed record Failure(Exception Cause);
}
