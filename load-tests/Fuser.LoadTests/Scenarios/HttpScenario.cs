using System.Globalization;
using Fuser.Actors;
using Fuser.LoadTests.Targets;

namespace Fuser.LoadTests.Scenarios;

/// <summary>One node over HTTP, with small and large bodies, beside the same work in this process.</summary>
internal sealed class HttpScenario : Scenario
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly Body[] Bodies =
    [
        new("4 KiB", 1 << 10, new LoadBounds(512, TimeSpan.FromMilliseconds(50), Deadline * 1.5), 20_000),
        new("1 MiB", 1 << 18, new LoadBounds(256, TimeSpan.FromMilliseconds(250), Deadline * 1.5), 256),
        new("64 MiB", 1 << 24, new LoadBounds(8, TimeSpan.FromSeconds(5), Deadline * 1.5), 8),
    ];

    public override string Name => "http";

    public override string Description => "one node over HTTP, bodies of 4 KiB, 1 MiB and 64 MiB, to the knee, beside the same in this process; wrk as an outside opinion";

    public override async Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        var (series, facts) = (new List<Series>(), new List<string>());
        var bodies = settings.IsQuick ? Bodies[..2] : Bodies;
        await using (var node = await NodeProcess.StartAsync("http").ConfigureAwait(false))
        {
            foreach (var body in bodies)
            {
                using var caller = await HttpCaller.CreateAsync(node.Address, body.Elements, Deadline, cancellationToken).ConfigureAwait(false);
                series.Add(await ToTheKneeAsync($"HTTP, {body.Name}", settings, body.Bounds, request => caller.CallAsync(request, cancellationToken), cancellationToken).ConfigureAwait(false));
                if (body.Elements <= 1 << 18)
                {
                    settings.Tick($"wrk with {body.Name}");
                    facts.Add($"{body.Name}: {await Wrk.RunAsync(caller, settings.Time(5, 1), settings.IsQuick, cancellationToken).ConfigureAwait(false)}");
                }
            }

            var (bytes, handles, threads) = node.Resources;
            facts.Add(string.Create(CultureInfo.InvariantCulture, $"the node at the end: {bytes / 1048576.0:0} MiB, {handles} handles, {threads} threads"));
        }

        await using var fuser = await FuserSystem.StartAsync(null, cancellationToken).ConfigureAwait(false);
        var function = await fuser.RegisterAsync(ScaleGraph.Parse(1), cancellationToken).ConfigureAwait(false);
        foreach (var body in bodies)
        {
            var x = ScaleGraph.Data(body.Elements);
            await ScaleGraph.WarmUpAsync(function, x, 1, cancellationToken: cancellationToken).ConfigureAwait(false);
            series.Add(await ToTheKneeAsync($"in this process, {body.Name}", settings, body.Bounds with { MostUnderWay = body.MostHere }, request => ScaleGraph.RunAsync(request, function, x, 1, cancellationToken: cancellationToken), cancellationToken).ConfigureAwait(false));
        }

        return new ScenarioResult(Name, series, facts, []);
    }

    /// <param name="MostHere">Requests at once in this process, where they need no connections.</param>
    private sealed record Body(string Name, int Elements, LoadBounds Bounds, int MostHere);
}
