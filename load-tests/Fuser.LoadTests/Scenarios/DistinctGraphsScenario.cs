using System.Globalization;
using Fuser.Actors;
using Fuser.LoadTests.Generation;
using Fuser.LoadTests.Targets;

namespace Fuser.LoadTests.Scenarios;

/// <summary>Far more graphs than the cache may hold: nearly every call parses, normalises, compiles and makes room.</summary>
internal sealed class DistinctGraphsScenario : Scenario
{
    private const int MaxSpecs = 100;
    private const int Hot = 50;
    private const int LookEvery = 50;
    private static readonly LoadBounds Bounds = new(10_000, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(60));

    public override string Name => "distinct-graphs";

    public override string Description => "10,000 distinct graphs in turns against a cache of 100, to the knee; then nine calls in ten of 50 of them";

    public override async Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        var graphs = settings.IsQuick ? 150 : 10_000;
        var options = new FuserOptions { MaxSpecs = MaxSpecs };
        await using var fuser = await FuserSystem.StartAsync(options, cancellationToken).ConfigureAwait(false);
        var x = ScaleGraph.Data(64);
        var (turn, most) = (0L, 0L);
        var cold = await ToTheKneeAsync(
            "every call another graph", settings, Bounds, request => CallAsync(request, (int)(Interlocked.Increment(ref turn) % graphs)), cancellationToken, Rest).ConfigureAwait(false);
        var coldStatistics = await fuser.GetStatisticsAsync(cancellationToken).ConfigureAwait(false);

        // At the rate that was measured last, so that the two can be compared.
        var loop = new OpenLoop(Bounds.MostUnderWay, Bounds.Patience, settings.Tick);
        var mixed = await loop.RunAsync(
            cold.AtHalf!.Rate, settings.WarmUp, settings.Step(cold.AtHalf.Rate), request => CallAsync(request, (int)(request.Number % 10 == 0 ? Interlocked.Increment(ref turn) % graphs : request.Number % Hot)), cancellationToken).ConfigureAwait(false);
        var statistics = await fuser.GetStatisticsAsync(cancellationToken).ConfigureAwait(false);

        List<string> failures = [];
        if (most > MaxSpecs || statistics.Specs > MaxSpecs)
        {
            failures.Add($"{Math.Max(most, statistics.Specs)} specs were held, {MaxSpecs} are allowed");
        }

        if (turn < graphs)
        {
            failures.Add($"{turn} of {graphs} graphs were called");
        }

        return new ScenarioResult(
            Name,
            [cold, new Series($"nine calls in ten of {Hot} graphs", [mixed])],
            [
                Line("another graph each time", coldStatistics, cold.All.Sum(run => run.Tally.Sent), 0, 0),
                Line($"nine calls in ten of {Hot}", statistics, mixed.Tally.Sent, coldStatistics.KernelsCompiled, coldStatistics.SpecsEvicted),
                $"at most {most} of {MaxSpecs} specs were seen at once",
            ],
            failures);

        // Until every graph has had its turn.
        double Rest(double rate) => Math.Max(settings.Step(rate).TotalSeconds, (graphs - Interlocked.Read(ref turn)) / rate);

        async Task<Outcome> CallAsync(LoadRequest request, int graph)
        {
            var function = await fuser.RegisterAsync(ScaleGraph.Parse(graph), cancellationToken).ConfigureAwait(false);
            var outcome = await ScaleGraph.RunAsync(request, function, x, graph, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (request.Number % LookEvery == 0)
            {
                RaiseTo(ref most, (await fuser.GetStatisticsAsync(cancellationToken).ConfigureAwait(false)).Specs);
            }

            return outcome;
        }
    }

    private static string Line(string what, FuserStatistics statistics, long calls, long compiledBefore, long evictedBefore) => string.Create(
        CultureInfo.InvariantCulture,
        $"{what}: {calls:N0} calls, {statistics.KernelsCompiled - compiledBefore:N0} kernels compiled, {statistics.SpecsEvicted - evictedBefore:N0} specs evicted");

    private static void RaiseTo(ref long target, long value)
    {
        for (var seen = Volatile.Read(ref target); value > seen; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }
}
