using System.Diagnostics;
using Fuser.Actors;
using Fuser.Actors.Core;
using Fuser.LoadTests.Generation;
using Fuser.LoadTests.Targets;

namespace Fuser.LoadTests.Scenarios;

/// <summary>Asks of one actor, and warm runs of a small function, at rising rates.</summary>
internal sealed class AskScenario : Scenario
{
    public override string Name => "ask";

    public override string Description => "Ask of one actor, and runs of 16 elements, in this process, to the knee";

    public override async Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        await using var fuser = await FuserSystem.StartAsync(null, cancellationToken).ConfigureAwait(false);
        var echo = fuser.Actors.ActorOf(Props.Create(() => new Echo()));
        var loop = new OpenLoop(100_000, TimeSpan.FromSeconds(30));
        var message = new object();
        var (asks, asked) = await FindAsync(async _ => ReferenceEquals(await echo.Ask<object>(message, cancellationToken: cancellationToken).ConfigureAwait(false), message) ? Outcome.Right : Outcome.Wrong).ConfigureAwait(false);

        var function = await fuser.RegisterAsync(ScaleGraph.Parse(1), cancellationToken).ConfigureAwait(false);
        var x = ScaleGraph.Data(16);
        await ScaleGraph.RunAsync(function, x, 2, 1).ConfigureAwait(false);
        var (runs, ran) = await FindAsync(_ => ScaleGraph.RunAsync(function, x, 2, 1)).ConfigureAwait(false);
        return new ScenarioResult(Name, [new Series("Ask", asks, asked), new Series("RunAsync, 16 elements", runs, ran)], [], []);

        Task<(IReadOnlyList<LoadResult>, double)> FindAsync(Func<long, Task<Outcome>> request) => Knee.FindAsync(
            settings.IsQuick ? 2_000 : 20_000, settings.Factor, settings.IsQuick ? 10_000 : 5_000_000, TimeSpan.FromMilliseconds(5), async rate =>
            {
                var result = await loop.RunAsync(rate, settings.WarmUp, settings.Duration, request, cancellationToken).ConfigureAwait(false);
                settings.Progress($"{rate:N0}/s asked, {result.Achieved:N0}/s answered");
                return result;
            });
    }

    private sealed class Echo : Actor
    {
        protected override void Receive(object message) => Sender.Tell(message);
    }
}

/// <summary>Far more graphs than the cache may hold.</summary>
internal sealed class DistinctGraphsScenario : Scenario
{
    private const int MaxSpecs = 100;
    private const int Callers = 64;

    public override string Name => "distinct-graphs";

    public override string Description => "10,000 distinct graphs against a cache of 100";

    public override async Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        var graphs = settings.IsQuick ? 300 : 10_000;
        await using var fuser = await FuserSystem.StartAsync(new FuserOptions { MaxSpecs = MaxSpecs }, cancellationToken).ConfigureAwait(false);
        var x = ScaleGraph.Data(64);
        var (right, wrong, errors, most) = (0L, 0L, 0L, 0L);
        var latency = new LatencyHistogram();
        var start = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, graphs, new ParallelOptions { MaxDegreeOfParallelism = Callers, CancellationToken = cancellationToken }, async (k, token) =>
        {
            var began = Stopwatch.GetTimestamp();
            try
            {
                var function = await fuser.RegisterAsync(ScaleGraph.Parse(k), token).ConfigureAwait(false);
                var outcome = await ScaleGraph.RunAsync(function, x, 3, k).ConfigureAwait(false);
                Interlocked.Increment(ref outcome == Outcome.Right ? ref right : ref wrong);
            }
            catch (Kernels.FuserException)
            {
                Interlocked.Increment(ref errors);
            }

            lock (latency)
            {
                latency.Record((long)Stopwatch.GetElapsedTime(began).TotalNanoseconds);
            }

            if (k % 50 == 0)
            {
                var held = (await fuser.GetStatisticsAsync(token).ConfigureAwait(false)).Specs;
                InterlockedMax(ref most, held);
            }
        }).ConfigureAwait(false);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var statistics = await fuser.GetStatisticsAsync(cancellationToken).ConfigureAwait(false);
        settings.Progress($"{graphs} graphs in {seconds:0.0} s");
        var run = new LoadResult(graphs / seconds, right / seconds, latency, new Tally(graphs, 0, right, errors, wrong, 0, 0), []);
        List<string> failures = [.. Failures(most, errors, statistics)];
        return new ScenarioResult(
            Name,
            [new Series($"{Callers} callers, first calls", [run], null)],
            [$"{statistics.SpecsCreated:N0} specs made, {statistics.SpecsEvicted:N0} evicted, at most {most} seen at once; {statistics.KernelsCompiled:N0} kernels compiled"],
            failures);
    }

    private static IEnumerable<string> Failures(long most, long errors, FuserStatistics statistics)
    {
        if (most > MaxSpecs || statistics.Specs > MaxSpecs)
        {
            yield return $"{Math.Max(most, statistics.Specs)} specs were held, {MaxSpecs} are allowed";
        }

        if (errors > 0)
        {
            yield return $"{errors} calls ended in an error";
        }
    }

    private static void InterlockedMax(ref long target, long value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }
}

/// <summary>Everybody calls a new graph at once.</summary>
internal sealed class FirstCallStormScenario : Scenario
{
    public override string Name => "first-call-storm";

    public override string Description => "10,000 simultaneous first calls of one graph: one compile";

    public override async Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        var calls = settings.IsQuick ? 1_000 : 10_000;
        await using var fuser = await FuserSystem.StartAsync(null, cancellationToken).ConfigureAwait(false);
        var function = await fuser.RegisterAsync(ScaleGraph.Parse(5), cancellationToken).ConfigureAwait(false);
        var x = ScaleGraph.Data(1000);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var latency = new LatencyHistogram();
        var tasks = Enumerable.Range(0, calls).Select(async _ =>
        {
            await gate.Task.ConfigureAwait(false);
            var began = Stopwatch.GetTimestamp();
            var outcome = await ScaleGraph.RunAsync(function, x, 3, 5).ConfigureAwait(false);
            lock (latency)
            {
                latency.Record((long)Stopwatch.GetElapsedTime(began).TotalNanoseconds);
            }

            return outcome;
        }).ToList();
        var start = Stopwatch.GetTimestamp();
        gate.SetResult();
        var outcomes = await Task.WhenAll(tasks).WaitAsync(TimeSpan.FromMinutes(2), cancellationToken).ConfigureAwait(false);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var statistics = await fuser.GetStatisticsAsync(cancellationToken).ConfigureAwait(false);
        var right = outcomes.LongCount(outcome => outcome == Outcome.Right);
        settings.Progress($"{calls} calls in {seconds:0.000} s");
        return new ScenarioResult(
            Name,
            [new Series("first calls", [new LoadResult(calls / seconds, right / seconds, latency, new Tally(calls, 0, right, 0, calls - right, 0, 0), [])], null)],
            [$"{statistics.KernelsCompiled} kernel compiled, {statistics.SpecsCreated} spec made"],
            statistics is { KernelsCompiled: 1, SpecsCreated: 1 } ? [] : [$"{statistics.KernelsCompiled} compiles of {statistics.SpecsCreated} specs, wanted 1 of 1"]);
    }
}

/// <summary>Small and large runs beside each other.</summary>
internal sealed class MixedScenario(string name, string description, string? device) : Scenario
{
    private static readonly int[] Sizes = [16, 16, 16, 16, 1_000, 1_000, 100_000, 1_000_000];

    public override string Name => name;

    public override string Description => description;

    public override async Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        await using var fuser = await FuserSystem.StartAsync(null, cancellationToken).ConfigureAwait(false);
        var devices = (await fuser.GetDevicesAsync(cancellationToken).ConfigureAwait(false)).Where(found => found.IsAvailable).Select(found => found.Name).ToList();
        if (device is not null && !devices.Contains(device))
        {
            return new ScenarioResult(Name, [], [$"skipped: there is no device {device} here, only {string.Join(", ", devices)}"], []);
        }

        var function = await fuser.RegisterAsync(ScaleGraph.Parse(9), cancellationToken).ConfigureAwait(false);
        var data = Sizes.Select(ScaleGraph.Data).ToArray();
        RunOptions?[] places = device is null ? [null] : [null, new RunOptions { Device = device }];
        foreach (var place in places)
        {
            await Task.WhenAll(data.Select(x => ScaleGraph.RunAsync(function, x, 3, 9, place))).ConfigureAwait(false);
        }

        var loop = new OpenLoop(10_000, TimeSpan.FromSeconds(60));
        var (runs, held) = await Knee.FindAsync(settings.IsQuick ? 100 : 200, settings.Factor, settings.IsQuick ? 300 : 100_000, TimeSpan.FromMilliseconds(100), async rate =>
        {
            var result = await loop.RunAsync(rate, settings.WarmUp, settings.Duration, n => ScaleGraph.RunAsync(function, data[n % data.Length], 3, 9, places[n / data.Length % places.Length]), cancellationToken).ConfigureAwait(false);
            settings.Progress($"{rate:N0}/s asked, {result.Achieved:N0}/s answered");
            return result;
        }).ConfigureAwait(false);
        return new ScenarioResult(Name, [new Series($"{string.Join(", ", Sizes.Distinct())} elements{(device is null ? "" : $", cpu and {device} in turns")}", runs, held)], [], []);
    }
}
