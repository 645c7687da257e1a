using Fuser.LoadTests.Generation;

namespace Fuser.LoadTests.Scenarios;

/// <summary>Something that a runtime, a node or a cluster is put through.</summary>
internal abstract class Scenario
{
    /// <summary>As the command line names it.</summary>
    public abstract string Name { get; }

    public abstract string Description { get; }

    /// <summary>Why it cannot be run here; null when it can.</summary>
    public virtual string? Missing => null;

    public abstract Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken);
}

/// <summary>How long and how hard.</summary>
/// <param name="IsQuick">A look at whether it works, for CI.</param>
/// <param name="Soak">How long a soak takes.</param>
internal sealed record ScenarioSettings(bool IsQuick, TimeSpan Soak, Action<string> Progress)
{
    public TimeSpan WarmUp => TimeSpan.FromSeconds(IsQuick ? 0.3 : 2);

    public TimeSpan Duration => TimeSpan.FromSeconds(IsQuick ? 0.7 : 6);

    /// <summary>Rates rise by this factor.</summary>
    public double Factor => IsQuick ? 4 : 1.5;
}

/// <summary>A group of runs at rising rates, and what was held.</summary>
/// <param name="Held">The highest rate that was kept up with, a second; null where that was not asked.</param>
internal sealed record Series(string Name, IReadOnlyList<LoadResult> Runs, double? Held);

/// <summary>What a scenario came to.</summary>
/// <param name="Facts">What was counted or measured beside latency.</param>
/// <param name="Failures">What should not be; the scenario failed if there is anything.</param>
internal sealed record ScenarioResult(string Scenario, IReadOnlyList<Series> Series, IReadOnlyList<string> Facts, IReadOnlyList<string> Failures)
{
    public Tally Tally => Series.SelectMany(series => series.Runs).Aggregate(Tally.Zero, (sum, run) => sum + run.Tally);

    public bool IsSound => Failures.Count == 0 && Tally.IsSound;
}
