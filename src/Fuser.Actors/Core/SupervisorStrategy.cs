namespace Fuser.Actors.Core;

/// <summary>What a supervisor does about a failed child.</summary>
public enum Directive
{
    /// <summary>The child goes on with its state, as if the message had been handled.</summary>
    Resume,

    /// <summary>The child gets a fresh instance; its mailbox and its reference stay.</summary>
    Restart,

    /// <summary>The child stops.</summary>
    Stop,

    /// <summary>The supervisor fails itself with the same cause. At the top this ends the system.</summary>
    Escalate,
}

/// <summary>
/// How an actor treats its failing children, each by itself (one for one). A restart may wait: the pause doubles with each restart
/// inside the window. There is no jitter: the actors of one process do not stampede, and tests stay exact.
/// </summary>
public sealed record SupervisorStrategy
{
    /// <summary>Ten restarts in a minute without a pause, then stop; see <see cref="DefaultDecider"/>.</summary>
    public static SupervisorStrategy Default { get; } = new();

    /// <summary>Stops whatever fails.</summary>
    public static SupervisorStrategy Stopping { get; } = new() { Decider = static _ => Directive.Stop };

    /// <summary>Chooses the directive. An exception from it fails the supervisor.</summary>
    public Func<Exception, Directive> Decider { get; init; } = DefaultDecider;

    /// <summary>Most restarts of one child inside <see cref="Window"/>; the next failure stops it. -1 is no limit.</summary>
    public int MaxRetries { get; init; } = 10;

    /// <summary>The time over which restarts are counted. It starts with the first restart and, once over, with the next.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Pause before the first restart of a window; zero restarts at once.</summary>
    public TimeSpan MinBackoff { get; init; }

    /// <summary>Longest pause.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Stop for actors that could not start or were killed, restart for everything else.</summary>
    public static Directive DefaultDecider(Exception cause) =>
        cause is ActorInitializationException or ActorKilledException or DeathPactException ? Directive.Stop : Directive.Restart;

    /// <summary>Restart with a doubling pause.</summary>
    public static SupervisorStrategy Backoff(TimeSpan min, TimeSpan max, int maxRetries = 10, TimeSpan? window = null) => new()
    {
        Decider = static cause => cause is ActorKilledException ? Directive.Stop : Directive.Restart,
        MinBackoff = min,
        MaxBackoff = max,
        MaxRetries = maxRetries,
        Window = window ?? TimeSpan.FromMinutes(10),
    };

    internal (Directive Directive, TimeSpan Delay) Decide(ChildEntry child, Exception cause, long nowMs)
    {
        Directive directive = Decider(cause);
        if (directive != Directive.Restart)
        {
            return (directive, TimeSpan.Zero);
        }

        if (child.Restarts == 0 || nowMs - child.WindowStart > Window.TotalMilliseconds)
        {
            child.WindowStart = nowMs;
            child.Restarts = 0;
        }

        if (MaxRetries >= 0 && child.Restarts >= MaxRetries)
        {
            return (Directive.Stop, TimeSpan.Zero);
        }

        double pause = MinBackoff.TotalMilliseconds * Math.Pow(2, Math.Min(child.Restarts, 30));
        child.Restarts++;
        return (Directive.Restart, TimeSpan.FromMilliseconds(Math.Min(pause, MaxBackoff.TotalMilliseconds)));
    }
}

/// <summary>What a parent remembers of a child.</summary>
internal sealed class ChildEntry(ActorRef actor)
{
    internal ActorRef Actor { get; } = actor;

    internal bool Stopping { get; set; }

    internal int Restarts { get; set; }

    internal long WindowStart { get; set; }
}
