using System.Globalization;
using System.Security;
using System.Text;
using System.Text.Json;
using Fuser.Compare.Reports;
using Fuser.LoadTests.Generation;
using Fuser.LoadTests.Scenarios;

namespace Fuser.LoadTests.Reports;

/// <summary>Writes what a scenario came to: JSON with everything, Markdown to read, and a picture of the percentiles.</summary>
internal static class LoadReport
{
    private static readonly double[] Quantiles = [0.5, 0.9, 0.99, 0.999, 0.9999];
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Write(string directory, ScenarioResult result, MachineDescription machine, string commit, DateTimeOffset time)
    {
        Directory.CreateDirectory(directory);
        File.WriteAllText(Path.Combine(directory, $"{result.Scenario}.json"), Json(result, machine, commit, time));
        File.WriteAllText(Path.Combine(directory, $"{result.Scenario}.md"), Markdown(result, machine, commit, time));
        File.WriteAllText(Path.Combine(directory, $"{result.Scenario}.svg"), Svg(result));
    }

    public static string Markdown(ScenarioResult result, MachineDescription machine, string commit, DateTimeOffset time)
    {
        var text = new StringBuilder();
        var tally = result.Tally;
        text.Append(CultureInfo.InvariantCulture, $"""
            # Load test: {result.Scenario}

            Written by `load-tests/run {result.Scenario}`. {machine.Processor}, {machine.Processors} processors, {machine.System}, {machine.DotNet}; commit {commit}; {time:yyyy-MM-dd HH:mm} UTC.

            | sent | right | errors | not sent | lost | wrong | duplicated |
            |---:|---:|---:|---:|---:|---:|---:|
            | {tally.Sent} | {tally.Right} | {tally.Errors} | {tally.Unsent} | {tally.Lost} | {tally.Wrong} | {tally.Duplicated} |

            """);
        foreach (var fact in result.Facts)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n- {fact}");
        }

        foreach (var failure in result.Failures)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n- **failed**: {failure}");
        }

        foreach (var series in result.Series)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n\n## {series.Name}\n\n");
            if (series.Held is { } held)
            {
                text.Append(CultureInfo.InvariantCulture, $"Held: {held:0.##} a second.\n\n");
            }

            text.Append("Latency from when a request was due, in milliseconds.\n\n| asked, 1/s | answered, 1/s | p50 | p90 | p99 | p99.9 | max | errors | not sent |\n|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
            foreach (var run in series.Runs)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {run.Rate:0.##} | {run.Achieved:0.##} | {Ms(run, 0.5)} | {Ms(run, 0.9)} | {Ms(run, 0.99)} | {Ms(run, 0.999)} | {Milliseconds(run.Latency.Largest)} | {run.Tally.Errors} | {run.Tally.Unsent} |\n");
            }

            foreach (var problem in series.Runs.SelectMany(run => run.Problems).Distinct().Take(5))
            {
                text.Append(CultureInfo.InvariantCulture, $"\n- {problem.ReplaceLineEndings(" ")}");
            }
        }

        return text.Append(CultureInfo.InvariantCulture, $"\n\n![Percentiles]({result.Scenario}.svg)\n").ToString();
    }

    /// <summary>Percentiles of every series at its highest rate held, or its last run.</summary>
    public static string Svg(ScenarioResult result)
    {
        const int Width = 720, Height = 360, Left = 70, Bottom = 310, Top = 50;
        var lines = result.Series.Where(series => series.Runs.Count > 0)
            .Select(series => (series.Name, Run: series.Runs.LastOrDefault(run => run.Rate <= series.Held) ?? series.Runs[^1]))
            .Where(line => line.Run.Latency.Count > 0).ToList();
        var values = lines.SelectMany(line => Quantiles.Select(quantile => (double)Math.Max(1, line.Run.Latency.Quantile(quantile)))).DefaultIfEmpty(1).ToList();
        var (lowest, highest) = (Math.Floor(Math.Log10(values.Min())), Math.Ceiling(Math.Log10(values.Max()) + 0.01));
        double Y(double nanoseconds) => Bottom - ((Math.Log10(Math.Max(1, nanoseconds)) - lowest) / Math.Max(1, highest - lowest) * (Bottom - Top));
        double X(int quantile) => Left + (quantile * (Width - Left - 160.0) / (Quantiles.Length - 1));
        string[] colours = ["#d55e00", "#0072b2", "#009e73", "#b5a642", "#cc79a7"];
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"""<svg xmlns="http://www.w3.org/2000/svg" width="{Width}" height="{Height}" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="11">""");
        svg.Append(CultureInfo.InvariantCulture, $"""<rect width="{Width}" height="{Height}" fill="white"/><text x="16" y="24" font-size="15" font-weight="bold">{Escaped(result.Scenario)}: latency by percentile, at the highest rate held</text>""");
        for (var power = lowest; power <= highest; power++)
        {
            var y = Y(Math.Pow(10, power));
            svg.Append(CultureInfo.InvariantCulture, $"""<line x1="{Left}" x2="{Width - 150}" y1="{y:0.#}" y2="{y:0.#}" stroke="#ddd"/><text x="{Left - 6}" y="{y + 4:0.#}" text-anchor="end">{Unit(power)}</text>""");
        }

        for (var i = 0; i < Quantiles.Length; i++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"""<text x="{X(i):0.#}" y="{Bottom + 18}" text-anchor="middle">p{Quantiles[i] * 100:0.##}</text>""");
        }

        for (var i = 0; i < lines.Count; i++)
        {
            var points = string.Join(' ', Quantiles.Select((quantile, q) => string.Create(CultureInfo.InvariantCulture, $"{X(q):0.#},{Y(lines[i].Run.Latency.Quantile(quantile)):0.#}")));
            var colour = colours[i % colours.Length];
            svg.Append(CultureInfo.InvariantCulture, $"""<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}"/><text x="{Width - 145}" y="{Top + (i * 28)}" fill="{colour}">{Escaped(lines[i].Name)}</text><text x="{Width - 145}" y="{Top + 12 + (i * 28)}" fill="#555">{lines[i].Run.Rate:0.#}/s</text>""");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static string Json(ScenarioResult result, MachineDescription machine, string commit, DateTimeOffset time) => JsonSerializer.Serialize(
        new
        {
            scenario = result.Scenario,
            commit,
            time = time.ToString("O", CultureInfo.InvariantCulture),
            machine,
            tally = result.Tally,
            sound = result.IsSound,
            facts = result.Facts,
            failures = result.Failures,
            series = result.Series.Select(series => new
            {
                name = series.Name,
                held = series.Held,
                runs = series.Runs.Select(run => new
                {
                    rate = run.Rate,
                    achieved = run.Achieved,
                    tally = run.Tally,
                    mean_ns = run.Latency.Mean,
                    quantiles_ns = Quantiles.ToDictionary(quantile => quantile.ToString(CultureInfo.InvariantCulture), run.Latency.Quantile),
                    max_ns = run.Latency.Largest,
                    problems = run.Problems,
                }),
            }),
        },
        Indented) + "\n";

    private static string Ms(LoadResult run, double quantile) => Milliseconds(run.Latency.Quantile(quantile));

    private static string Milliseconds(long nanoseconds) => (nanoseconds / 1e6).ToString(nanoseconds < 10_000_000 ? "0.####" : "0.#", CultureInfo.InvariantCulture);

    private static string Unit(double power) => power switch
    {
        < 3 => string.Create(CultureInfo.InvariantCulture, $"{Math.Pow(10, power):0} ns"),
        < 6 => string.Create(CultureInfo.InvariantCulture, $"{Math.Pow(10, power - 3):0} us"),
        < 9 => string.Create(CultureInfo.InvariantCulture, $"{Math.Pow(10, power - 6):0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Pow(10, power - 9):0} s"),
    };

    private static string Escaped(string text) => SecurityElement.Escape(text) ?? "";
}
