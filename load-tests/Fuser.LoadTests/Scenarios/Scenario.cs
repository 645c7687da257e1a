using System.Globalization;
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

    /// <summary>Whether it runs only when it is named, because it takes long.</summary>
    public virtual bool IsLong => false;

    public abstract Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken);

    /// <summary>Finds the knee, starting at an eighth of what one caller gets alone, and measures at half of it.</summary>
    /// <param name="bounds">How much at once, and how slow is too slow.</param>
    /// <param name="secondsAtHalf">How long the last run takes at its rate; null for three times the others.</param>
    protected static async Task<Series> ToTheKneeAsync(
        string name, ScenarioSettings settings, LoadBounds bounds, Func<LoadRequest, Task<Outcome>> request, CancellationToken cancellationToken, Func<double, double>? secondsAtHalf = null)
    {
        var loop = new OpenLoop(bounds.MostUnderWay, bounds.Patience, text => settings.Tick($"{name}: {text}"));
        var alone = await ClosedLoop.RunAsync(settings.WarmUp, settings.Probe, request, cancellationToken).ConfigureAwait(false);
        var first = Math.Max(alone.Achieved, 0.1) / 8;
        var knee = await new Knee(bounds.Slowest, settings.Refinements, settings.IsQuick ? 4 : 2)
            .FindAsync(first, settings.IsQuick ? first * 4 : bounds.Last, rate => StepAsync(rate, settings.Step(rate))).ConfigureAwait(false);
        var half = Math.Max(knee.Held / 2, first / 8);
        var atHalf = await StepAsync(half, secondsAtHalf is null ? 3 * settings.Step(half) : TimeSpan.FromSeconds(secondsAtHalf(half))).ConfigureAwait(false);
        settings.Progress(string.Create(CultureInfo.InvariantCulture, $"{name}: the knee is at {knee.Held:0.##}/s ({knee.Limit}); at half of it p50 {atHalf.Latency.Quantile(0.5) / 1e6:0.###} ms, p99 {atHalf.Latency.Quantile(0.99) / 1e6:0.###} ms"));
        return new Series(name, knee.Runs) { Held = knee.Held, Limit = knee.Limit, Alone = alone, AtHalf = atHalf };

        async Task<LoadResult> StepAsync(double rate, TimeSpan duration)
        {
            var result = await loop.RunAsync(rate, settings.WarmUp, duration, request, cancellationToken).ConfigureAwait(false);
            settings.Progress(string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {rate:0.##}/s asked, {result.Achieved:0.##}/s answered, p50 {result.Latency.Quantile(0.5) / 1e6:0.###} ms, p99 {result.Latency.Quantile(0.99) / 1e6:0.###} ms{(Knee.WhyNot(result, bounds.Slowest) is { } reason ? $", not held: {reason}" : "")}"));
            return result;
        }
    }
}

/// <summary>What the search for a knee stays within.</summary>
/// <param name="MostUnderWay">Requests at once.</param>
/// <param name="Slowest">What 99% of the requests may take.</param>
/// <param name="Patience">When a request without an answer is lost.</param>
internal sealed record LoadBounds(int MostUnderWay, TimeSpan Slowest, TimeSpan Patience)
{
    /// <summary>The highest rate that is tried.</summary>
    public double Last { get; init; } = 5e6;
}

/// <summary>How long and how hard.</summary>
internal sealed record ScenarioSettings
{
    /// <summary>A look at whether it works, for CI.</summary>
    public bool IsQuick { get; init; }

    /// <summary>How long one measurement takes; null for the scenario's own time.</summary>
    public double? Seconds { get; init; }

    /// <summary>Told what came out of each step.</summary>
    public Action<string> Progress { get; init; } = static _ => { };

    /// <summary>Told how a step stands while it runs.</summary>
    public Action<string> Tick { get; init; } = static _ => { };

    public TimeSpan WarmUp => TimeSpan.FromSeconds(IsQuick ? 0.1 : 1);

    /// <summary>How long one caller alone is looked at.</summary>
    public TimeSpan Probe => TimeSpan.FromSeconds(IsQuick ? 0.1 : 0.5);

    /// <summary>How often the range around the knee is halved.</summary>
    public int Refinements => IsQuick ? 0 : 3;

    /// <summary>Time of a measurement at a rate: longer where there would be too few requests in it to tell anything, within reason.</summary>
    public TimeSpan Step(double rate)
    {
        var seconds = Seconds ?? (IsQuick ? 0.3 : 2);
        return TimeSpan.FromSeconds(Math.Clamp((IsQuick ? 3 : 20) / rate, seconds, 4 * seconds));
    }

    /// <summary>The scenario's one time, where it has no rates to try.</summary>
    public TimeSpan Time(double seconds, double quick) => TimeSpan.FromSeconds(Seconds ?? (IsQuick ? quick : seconds));
}
