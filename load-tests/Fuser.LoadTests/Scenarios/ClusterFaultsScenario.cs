using System.Globalization;
using Fuser.Host.Cluster;
using Fuser.LoadTests.Generation;
using Fuser.LoadTests.Targets;
using Fuser.RabbitMqTesting;

namespace Fuser.LoadTests.Scenarios;

/// <summary>A cluster whose parts are killed and paused while requests come in: every caller is answered, none with other bits, none twice.</summary>
internal sealed class ClusterFaultsScenario : Scenario
{
    private const int Nodes = 3;
    private const int K = 4;

    public override string Name => "cluster-faults";

    public override string Description => "three nodes and a broker under load: a node killed every few seconds, a node paused, the broker killed and started again";

    public override string? Missing => Broker.Missing;

    public override async Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        await using var broker = new Broker();
        await broker.StartAsync().ConfigureAwait(false);
        await using var nodes = await NodeGroup.StartAsync(Nodes, broker.Uri).ConfigureAwait(false);
        var options = new FuserClusterOptions { RequestTimeout = TimeSpan.FromMinutes(1) };
        await using var cluster = await FuserCluster.ConnectAsync(broker.Uri, options, cancellationToken).ConfigureAwait(false);
        var function = await cluster.RegisterAsync(ScaleGraph.Parse(K), cancellationToken).ConfigureAwait(false);
        var x = ScaleGraph.Data(1000);
        await ScaleGraph.WarmUpAsync(function, x, K, cancellationToken: cancellationToken).ConfigureAwait(false);

        var duration = settings.Time(30, 6);
        (string Name, Func<CancellationToken, Task<string>> Fault)[] faults =
        [
            ("nodes killed", token => KillNodesAsync(nodes, duration / 8, token)),
            ("a node paused", token => PauseAsync(nodes.Node(Nodes - 1), duration / 4, token)),
            ("the broker killed", token => KillBrokerAsync(broker, duration / 4, token)),
        ];
        var (series, facts, failures) = (new List<Series>(), new List<string>(), new List<string>());
        foreach (var (name, fault) in faults)
        {
            var loop = new OpenLoop(10_000, 2 * options.RequestTimeout, text => settings.Tick($"{name}: {text}"));
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var faulting = AfterAsync(duration / 6, fault, over.Token);
            var run = await loop.RunAsync(settings.IsQuick ? 20 : 50, TimeSpan.Zero, duration, request => ScaleGraph.RunAsync(request, function, x, K, cancellationToken: cancellationToken), cancellationToken).ConfigureAwait(false);
            await over.CancelAsync().ConfigureAwait(false);
            var done = await faulting.ConfigureAwait(false);
            series.Add(new Series(name, [run]));
            facts.Add(string.Create(CultureInfo.InvariantCulture, $"{name} ({done}): {run.Tally.Sent} sent, {run.Tally.Right} right, {run.Tally.Errors} errors, the slowest answer after {run.Latency.Largest / 1e9:0.0} s"));
            settings.Progress(facts[^1]);
            if (run.Tally.Errors > 0)
            {
                failures.Add($"{name}: {run.Tally.Errors} callers got an error: {string.Join("; ", run.Problems)}");
            }
        }

        return new ScenarioResult(Name, series, facts, failures);
    }

    private static async Task<string> AfterAsync(TimeSpan delay, Func<CancellationToken, Task<string>> fault, CancellationToken cancellationToken)
    {
        await Task.Delay(delay, cancellationToken).ConfigureAwait(false); // the fault comes when the load has run for a while
        return await fault(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Kills one after the other, and starts each again, until the load is over.</summary>
    private static async Task<string> KillNodesAsync(NodeGroup nodes, TimeSpan every, CancellationToken over)
    {
        var killed = 0;
        try
        {
            for (; ; killed++)
            {
                var number = killed % nodes.Count;
                await nodes.KillAsync(number).ConfigureAwait(false);
                await nodes.StartAsync(number).ConfigureAwait(false);
                await Task.Delay(every, over).ConfigureAwait(false); // how often the fault comes
            }
        }
        catch (OperationCanceledException)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{killed + 1} times");
        }
    }

    private static async Task<string> PauseAsync(NodeProcess node, TimeSpan pause, CancellationToken over)
    {
        await node.PauseAsync(pause, over).ConfigureAwait(false);
        return string.Create(CultureInfo.InvariantCulture, $"for {pause.TotalSeconds:0.#} s");
    }

    private static async Task<string> KillBrokerAsync(Broker broker, TimeSpan pause, CancellationToken over)
    {
        await broker.KillAsync().ConfigureAwait(false);
        await Task.Delay(pause, over).ConfigureAwait(false); // how long the broker is away
        await broker.StartAsync().ConfigureAwait(false);
        return string.Create(CultureInfo.InvariantCulture, $"down for {pause.TotalSeconds:0.#} s and its start");
    }
}
