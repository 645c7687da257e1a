using System.Globalization;
using Fuser.Actors;
using Fuser.LoadTests.Generation;
using Fuser.LoadTests.Targets;

namespace Fuser.LoadTests.Scenarios;

/// <summary>Everybody registers and calls a new graph at once.</summary>
internal sealed class FirstCallStormScenario : Scenario
{
    private const int Calls = 10_000;
    private const int Rounds = 5;

    public override string Name => "first-call-storm";

    public override string Description => "10,000 simultaneous first calls of one graph, five times: one compile each time";

    public override async Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        await using var fuser = await FuserSystem.StartAsync(null, cancellationToken).ConfigureAwait(false);
        var x = ScaleGraph.Data(1000);
        var (runs, facts, failures) = (new List<LoadResult>(), new List<string>(), new List<string>());
        for (var round = 1; round <= (settings.IsQuick ? 1 : Rounds); round++)
        {
            var k = round; // a constant of the graph, and so a new graph
            var before = await fuser.GetStatisticsAsync(cancellationToken).ConfigureAwait(false);
            var run = await Storm.RunAsync(
                Calls,
                TimeSpan.FromMinutes(2),
                async request =>
                {
                    var function = await fuser.RegisterAsync(ScaleGraph.Parse(k), cancellationToken).ConfigureAwait(false);
                    return await ScaleGraph.RunAsync(request, function, x, k, cancellationToken: cancellationToken).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
            var after = await fuser.GetStatisticsAsync(cancellationToken).ConfigureAwait(false);
            var (compiled, specs) = (after.KernelsCompiled - before.KernelsCompiled, after.SpecsCreated - before.SpecsCreated);
            runs.Add(run);
            facts.Add(string.Create(CultureInfo.InvariantCulture, $"round {round}: {Calls:N0} calls in {run.Seconds * 1000:0.#} ms, {compiled} compiled, {specs} spec made"));
            settings.Progress(facts[^1]);
            if ((compiled, specs) != (1, 1))
            {
                failures.Add($"round {round}: {compiled} compiles of {specs} specs, wanted 1 of 1");
            }

            if (run.Tally.Errors > 0)
            {
                failures.Add($"round {round}: {run.Tally.Errors} calls failed: {string.Join("; ", run.Problems)}");
            }
        }

        return new ScenarioResult(Name, [new Series("first calls", runs)], facts, failures);
    }
}
