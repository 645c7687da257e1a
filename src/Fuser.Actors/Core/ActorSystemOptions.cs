namespace Fuser.Actors.Core;

/// <summary>Settings of an <see cref="ActorSystem"/>.</summary>
public sealed record ActorSystemOptions
{
    /// <summary>Longest wait of an Ask that names none. 5 s unless set; over zero, at most 20 days.</summary>
    public TimeSpan AskTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>On shutdown, how long Asks under way may take to be answered before the actors are stopped. 5 s unless set.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>On shutdown, how long the actors may take to stop, and then the tasks of the last phase to run. 5 s unless set.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How top-level actors that fail are treated. A failure escalated past it ends the system.</summary>
    public SupervisorStrategy GuardianStrategy { get; init; } = SupervisorStrategy.Default;

    internal static void Validate(ActorSystemOptions options)
    {
        AskRegistry.Milliseconds(options.AskTimeout);
        if (options.DrainTimeout <= TimeSpan.Zero || options.StopTimeout <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(options), $"DrainTimeout and StopTimeout must be over zero, got {options.DrainTimeout} and {options.StopTimeout}.");
        }

        if (options.GuardianStrategy is null)
        {
            throw new ArgumentException("GuardianStrategy must be set.", nameof(options));
        }
    }
}
