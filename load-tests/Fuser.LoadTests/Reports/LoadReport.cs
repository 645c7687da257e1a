using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Fuser.LoadTests.Generation;
using Fuser.LoadTests.Scenarios;

namespace Fuser.LoadTests.Reports;

/// <summary>Writes what a scenario came to: JSON with everything, Markdown to read, and a picture of the percentiles.</summary>
internal static class LoadReport
{
    /// <summary>The percentiles that are shown.</summary>
    public static IReadOnlyList<double> Quantiles { get; } = [0.5, 0.9, 0.99, 0.999, 0.9999];

    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static async Task WriteAsync(string folder, ScenarioResult result, Circumstances circumstances, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        string Of(string extension) => Path.Combine(folder, $"{result.Scenario}.{extension}");
        await File.WriteAllTextAsync(Of("json"), Json(result, circumstances), cancellationToken).ConfigureAwait(false);
        await File.WriteAllTextAsync(Of("md"), MarkdownReport.Of(result, circumstances), cancellationToken).ConfigureAwait(false);
        await File.WriteAllTextAsync(Of("svg"), SvgChart.Of(result), cancellationToken).ConfigureAwait(false);
    }

    public static string Json(ScenarioResult result, Circumstances circumstances) => JsonSerializer.Serialize(
        new
        {
            result.Scenario,
            circumstances.Commit,
            circumstances.Started,
            circumstances.Duration,
            circumstances.Quick,
            circumstances.LoadBefore,
            circumstances.StolenTime,
            circumstances.Machine,
            Sound = result.IsSound,
            result.Tally,
            result.Facts,
            result.Failures,
            Series = result.Series.Select(series => new
            {
                series.Name,
                series.Held,
                series.Limit,
                Alone = series.Alone is null ? null : Run(series.Alone),
                AtHalf = series.AtHalf is null ? null : Run(series.AtHalf),
                Runs = series.Runs.Select(Run),
            }),
        },
        Indented) + "\n";

    private static object Run(LoadResult run) => new
    {
        run.Rate,
        run.Seconds,
        run.Achieved,
        run.Tally,
        run.ErrorCodes,
        MeanNanoseconds = run.Latency.Mean,
        QuantilesNanoseconds = Quantiles.ToDictionary(quantile => quantile.ToString(CultureInfo.InvariantCulture), run.Latency.Quantile),
        LargestNanoseconds = run.Latency.Largest,
        run.UnderWay,
        LagNanoseconds = new { P50 = run.Lag.Quantile(0.5), P99 = run.Lag.Quantile(0.99) },
        run.Problems,

        // By which runs of several machines can be added up.
        Histogram = run.Latency.Buckets.ToDictionary(bucket => bucket.Key.ToString(CultureInfo.InvariantCulture), bucket => bucket.Value),
    };
}
