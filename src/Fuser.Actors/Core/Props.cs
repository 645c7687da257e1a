namespace Fuser.Actors.Core;

/// <summary>How to make an actor and how to run it. Immutable; the With methods return changed copies.</summary>
public sealed record Props
{
    private Props(Func<Actor> factory) => Factory = factory;

    /// <summary>Makes one new instance, at the start and at each restart.</summary>
    public Func<Actor> Factory { get; private init; }

    /// <summary>Most messages that may wait; 0, the default, is no bound. At the bound an Ask fails with <see cref="MailboxFullException"/> and a Tell becomes a dead letter counted as dropped.</summary>
    public int MailboxCapacity { get; private init; }

    /// <summary>Most messages in the stash, 1,000 unless set; one more throws <see cref="StashOverflowException"/>.</summary>
    public int StashCapacity { get; private init; } = 1_000;

    /// <summary>Where the actor runs.</summary>
    public Dispatcher Dispatcher { get; private init; } = Dispatcher.Shared;

    /// <summary>How the actor treats its failing children; null leaves it to <see cref="Actor.SupervisorStrategy"/>.</summary>
    public SupervisorStrategy? SupervisorStrategy { get; private init; }

    /// <summary>Set to run a pool of such actors behind one reference.</summary>
    public RouterPool? Router { get; private init; }

    /// <summary>An actor with a parameterless constructor.</summary>
    public static Props Create<T>()
        where T : Actor, new() => new(static () => new T());

    /// <summary>An actor from a factory. The factory runs in the actor's first turn and must return a new instance each time.</summary>
    public static Props Create(Func<Actor> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return new(factory);
    }

    /// <summary>Bounds the mailbox.</summary>
    public Props WithMailboxCapacity(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        return this with { MailboxCapacity = capacity };
    }

    /// <summary>Bounds the stash.</summary>
    public Props WithStashCapacity(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        return this with { StashCapacity = capacity };
    }

    /// <summary>Chooses where the actor runs.</summary>
    public Props WithDispatcher(Dispatcher dispatcher)
    {
        ArgumentNullException.ThrowIfNull(dispatcher);
        return this with { Dispatcher = dispatcher };
    }

    /// <summary>Chooses how the actor treats its failing children.</summary>
    public Props WithSupervisorStrategy(SupervisorStrategy strategy)
    {
        ArgumentNullException.ThrowIfNull(strategy);
        return this with { SupervisorStrategy = strategy };
    }

    /// <summary>Runs a pool of such actors behind one reference.</summary>
    public Props WithRouter(RouterPool router)
    {
        ArgumentNullException.ThrowIfNull(router);
        return this with { Router = router };
    }

    internal Props WithoutRouter() => this with { Router = null };
}
