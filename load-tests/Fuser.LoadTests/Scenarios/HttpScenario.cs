using System.Diagnostics;
using System.Globalization;
using Fuser.LoadTests.Generation;
using Fuser.LoadTests.Targets;

namespace Fuser.LoadTests.Scenarios;

/// <summary>One node over HTTP, with small and large bodies.</summary>
internal sealed class HttpScenario : Scenario
{
    public override string Name => "http";

    public override string Description => "one node over HTTP, bodies of 4 KiB, 1 MiB and 64 MiB, to the knee";

    public override async Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        await using var node = await NodeProcess.StartAsync("http", null).ConfigureAwait(false);
        var series = new List<Series>();
        (string Name, int Elements, double First, double Last, double Slowest)[] bodies =
            [("4 KiB", 1 << 10, 200, 1e6, 0.05), ("1 MiB", 1 << 18, 20, 1e5, 0.25), .. settings.IsQuick ? [] : new[] { ("64 MiB", 1 << 24, 0.5, 1e3, 5.0) }];
        foreach (var body in bodies)
        {
            using var caller = await HttpCaller.CreateAsync(node.Address, body.Elements, cancellationToken).ConfigureAwait(false);
            await caller.CallAsync(cancellationToken).ConfigureAwait(false);
            var loop = new OpenLoop(body.Elements > 1 << 20 ? 16 : 256, TimeSpan.FromMinutes(2));
            var (runs, held) = await Knee.FindAsync(body.First, settings.Factor, settings.IsQuick ? body.First : body.Last, TimeSpan.FromSeconds(body.Slowest), async rate =>
            {
                var result = await loop.RunAsync(rate, settings.WarmUp, settings.Duration, _ => caller.CallAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
                settings.Progress($"{body.Name}: {rate:0.##}/s asked, {result.Achieved:0.##}/s answered");
                return result;
            }).ConfigureAwait(false);
            series.Add(new Series($"bodies of {body.Name}", runs, held));
        }

        return new ScenarioResult(Name, series, [settings.IsQuick ? "wrk: not in a quick run" : await WrkAsync(node.Address, cancellationToken).ConfigureAwait(false)], []);
    }

    /// <summary>An outside opinion of how many requests a second the server takes at all.</summary>
    private static async Task<string> WrkAsync(Uri node, CancellationToken cancellationToken)
    {
        if (!File.Exists("/usr/bin/wrk"))
        {
            return "wrk: skipped, it is not installed (Debian: apt-get install wrk)";
        }

        var start = new ProcessStartInfo("/usr/bin/wrk", ["-t1", "-c16", "-d5s", "--latency", new Uri(node, "/health/live").ToString()]) { UseShellExecute = false, RedirectStandardOutput = true };
        using var wrk = Process.Start(start)!;
        var text = await wrk.StandardOutput.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        await wrk.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        string Line(string name) => text.Split('\n').FirstOrDefault(line => line.TrimStart().StartsWith(name, StringComparison.Ordinal))?.Trim() ?? "";
        return string.Create(CultureInfo.InvariantCulture, $"wrk, 16 connections, GET /health/live, closed loop: {Line("Requests/sec")}, {Line("50%")}, {Line("99%")}");
    }
}

/// <summary>Half of what a node holds, for a long time: memory, handles and threads stay where they are.</summary>
internal sealed class SoakScenario : Scenario
{
    private const double Growth = 1.10;

    public override string Name => "soak";

    public override string Description => "one node over HTTP at half its knee, for half an hour: memory, handles and threads flat";

    public override async Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        await using var node = await NodeProcess.StartAsync("soak", null).ConfigureAwait(false);
        using var caller = await HttpCaller.CreateAsync(node.Address, 1 << 14, cancellationToken).ConfigureAwait(false);
        var loop = new OpenLoop(256, TimeSpan.FromMinutes(1));
        var (runs, knee) = await Knee.FindAsync(100, 2, settings.IsQuick ? 100 : 1e5, TimeSpan.FromMilliseconds(50), rate => loop.RunAsync(rate, settings.WarmUp, settings.Duration, _ => caller.CallAsync(cancellationToken), cancellationToken)).ConfigureAwait(false);
        var rate = Math.Max(50, knee / 2);
        var samples = new List<(long Bytes, int Handles, int Threads)>();
        var every = settings.Soak / 90;
        await using var sampling = new Timer(_ =>
        {
            lock (samples)
            {
                samples.Add(node.Resources);
            }
        }, null, every, every);
        settings.Progress($"{rate:0}/s for {settings.Soak.TotalMinutes:0.#} minutes");
        var soak = await loop.RunAsync(rate, settings.WarmUp, settings.Soak, _ => caller.CallAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        List<(long Bytes, int Handles, int Threads)> taken;
        lock (samples)
        {
            taken = [.. samples];
        }

        // The first third is for filling caches; then the middle is compared with the end.
        var (facts, failures) = (new List<string>(), new List<string>());
        Compare("memory, MiB", 16, sample => sample.Bytes / 1048576.0);
        Compare("handles", 20, sample => sample.Handles);
        Compare("threads", 10, sample => sample.Threads);
        return new ScenarioResult(Name, [new Series("to the knee", runs, knee), new Series("soak", [soak], null)], facts, failures);

        void Compare(string what, double slack, Func<(long Bytes, int Handles, int Threads), double> value)
        {
            var third = taken.Count / 3;
            if (third < 3)
            {
                facts.Add($"{what}: too short to say");
                return;
            }

            var (middle, end) = (Median(taken.Skip(third).Take(third).Select(value)), Median(taken.Skip(2 * third).Select(value)));
            facts.Add(string.Create(CultureInfo.InvariantCulture, $"{what}: {middle:0.#} in the second third, {end:0.#} in the last"));
            if (end > (middle * Growth) + slack)
            {
                failures.Add(string.Create(CultureInfo.InvariantCulture, $"{what} grew from {middle:0.#} to {end:0.#}"));
            }
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
