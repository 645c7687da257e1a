using Fuser.LoadTests.Generation;

namespace Fuser.LoadTests.Scenarios;

/// <summary>Runs that belong together: at rising rates, or one.</summary>
internal sealed record Series(string Name, IReadOnlyList<LoadResult> Runs)
{
    /// <summary>The highest rate that was kept up with, a second; null where that was not asked.</summary>
    public double? Held { get; init; }

    /// <summary>Why it is not higher.</summary>
    public string? Limit { get; init; }

    /// <summary>One caller who waits for each answer.</summary>
    public LoadResult? Alone { get; init; }

    /// <summary>At half of what was held.</summary>
    public LoadResult? AtHalf { get; init; }

    /// <summary>The run whose percentiles stand for the series.</summary>
    public LoadResult? Main => AtHalf ?? (Runs.Count > 0 ? Runs[^1] : null);

    /// <summary>Every run there was.</summary>
    public IEnumerable<LoadResult> All => new[] { Alone }.Concat(Runs).Append(AtHalf).OfType<LoadResult>();
}

/// <summary>What a scenario came to.</summary>
/// <param name="Facts">What was counted or measured beside latency, and what was skipped and why.</param>
/// <param name="Failures">What should not be; the scenario failed if there is anything.</param>
internal sealed record ScenarioResult(string Scenario, IReadOnlyList<Series> Series, IReadOnlyList<string> Facts, IReadOnlyList<string> Failures)
{
    public Tally Tally => Series.SelectMany(series => series.All).Aggregate(Tally.Zero, (sum, run) => sum + run.Tally);

    public bool IsSound => Failures.Count == 0 && Tally.IsSound;
}
