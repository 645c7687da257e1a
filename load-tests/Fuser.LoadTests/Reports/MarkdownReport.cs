using System.Globalization;
using System.Text;
using Fuser.LoadTests.Generation;
using Fuser.LoadTests.Scenarios;

namespace Fuser.LoadTests.Reports;

/// <summary>A page for a scenario, and one for several.</summary>
internal static class MarkdownReport
{
    public static string Of(ScenarioResult result, Circumstances circumstances)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            # Load test: {result.Scenario}

            Written by `load-tests/run {result.Scenario}{(circumstances.Quick ? " --quick" : "")}`: {Where(circumstances)}

            | sent | right | errors | not sent | lost | wrong | duplicated | |
            |---:|---:|---:|---:|---:|---:|---:|---|
            {Tally(result.Tally)} {(result.IsSound ? "sound" : "**not sound**")} |

            """);
        foreach (var fact in result.Facts)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n- {OneLine(fact)}");
        }

        foreach (var failure in result.Failures)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n- **failed**: {OneLine(failure)}");
        }

        text.Append(result.Facts.Count + result.Failures.Count > 0 ? "\n" : "");
        foreach (var series in result.Series)
        {
            Append(text, series);
        }

        return text.Append(CultureInfo.InvariantCulture, $"\n![Percentiles]({result.Scenario}.svg)\n").ToString();
    }

    /// <summary>The knee and the percentiles at half of it, of every series.</summary>
    public static string Summary(IReadOnlyList<ScenarioResult> results, Circumstances circumstances)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            # Load tests

            Written by `load-tests/run`: {Where(circumstances)} Latencies in milliseconds, from when a request was due, at half the knee where there is one. Times are of this machine and prove nothing; the counts do.

            | scenario | series | knee, 1/s | p50 | p99 | p99.9 | sent | right | errors | lost | wrong | duplicated |
            |---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|

            """);
        foreach (var result in results)
        {
            foreach (var series in result.Series)
            {
                var (all, main) = (series.All.Aggregate(Generation.Tally.Zero, (sum, run) => sum + run.Tally), series.Main?.Latency ?? new LatencyHistogram());
                text.Append(CultureInfo.InvariantCulture, $"| [{result.Scenario}]({result.Scenario}.md) | {series.Name} | {(series.Held is { } held ? Rate(held) : "")} | {Milliseconds(main.Quantile(0.5))} | {Milliseconds(main.Quantile(0.99))} | {Milliseconds(main.Quantile(0.999))} | {all.Sent} | {all.Right} | {all.Errors} | {all.Lost} | {all.Wrong} | {all.Duplicated} |\n");
            }
        }

        foreach (var failure in results.SelectMany(result => result.Failures.Select(failure => $"{result.Scenario}: {failure}")))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n- **failed**: {OneLine(failure)}");
        }

        return text.Append(results.Any(result => result.Failures.Count > 0) ? "\n" : "").ToString();
    }

    /// <summary>With as many digits as mean something.</summary>
    public static string Milliseconds(long nanoseconds) => (nanoseconds / 1e6).ToString(nanoseconds switch { < 1_000_000 => "0.####", < 100_000_000 => "0.##", _ => "0" }, CultureInfo.InvariantCulture);

    public static string Rate(double rate) => rate.ToString(rate < 100 ? "0.##" : "0", CultureInfo.InvariantCulture);

    private static void Append(StringBuilder text, Series series)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## {series.Name}\n\n");
        if (series.Held is { } held)
        {
            text.Append(CultureInfo.InvariantCulture, $"The knee is at {Rate(held)} a second; above it: {OneLine(series.Limit ?? "")}.\n\n");
        }

        text.Append("Latency from when a request was due, in milliseconds.\n\n| | asked, 1/s | answered, 1/s | p50 | p90 | p99 | p99.9 | max | generator's lag, p99 | errors | not sent |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
        Row(text, "one caller alone", series.Alone);
        foreach (var run in series.Runs)
        {
            Row(text, "", run);
        }

        Row(text, "half the knee", series.AtHalf);
        foreach (var problem in series.All.SelectMany(run => run.Problems).Distinct().Take(5))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n- {OneLine(problem)}");
        }

        text.Append(series.All.Any(run => run.Problems.Count > 0) ? "\n" : "");
    }

    private static void Row(StringBuilder text, string what, LoadResult? run)
    {
        if (run is not null)
        {
            string Ms(double quantile) => Milliseconds(run.Latency.Quantile(quantile));
            text.Append(CultureInfo.InvariantCulture, $"| {what} | {Rate(run.Rate)} | {Rate(run.Achieved)} | {Ms(0.5)} | {Ms(0.9)} | {Ms(0.99)} | {Ms(0.999)} | {Milliseconds(run.Latency.Largest)} | {Milliseconds(run.Lag.Quantile(0.99))} | {run.Tally.Errors} | {run.Tally.Unsent} |\n");
        }
    }

    private static string Where(Circumstances circumstances) => string.Create(
        CultureInfo.InvariantCulture,
        $"{circumstances.Machine.Processor}, {circumstances.Machine.Processors} processors, {circumstances.Machine.System}, {circumstances.Machine.DotNet}; commit {circumstances.Commit}; {circumstances.Started:yyyy-MM-dd HH:mm} UTC, {circumstances.Duration.TotalSeconds:0} s; load before {circumstances.LoadBefore:0.##}, {circumstances.StolenTime:0.#%} of the time stolen.{(circumstances.Quick ? " A quick run: its figures mean nothing." : "")}");

    private static string Tally(Tally tally) => string.Create(CultureInfo.InvariantCulture, $"| {tally.Sent} | {tally.Right} | {tally.Errors} | {tally.Unsent} | {tally.Lost} | {tally.Wrong} | {tally.Duplicated} |");

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);
}
