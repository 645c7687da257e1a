using System.Diagnostics;
using System.Globalization;
using Fuser.Host.Cluster;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;
using Fuser.LoadTests.Generation;
using Fuser.LoadTests.Targets;
using Fuser.RabbitMqTesting;

namespace Fuser.LoadTests.Scenarios;

/// <summary>Three nodes and a broker on this machine.</summary>
internal sealed class ClusterScenario : Scenario
{
    public override string Name => "cluster";

    public override string Description => "three nodes and a broker on loopback, to the knee; one large job split over the nodes";

    public override string? Missing => Broker.Missing;

    public override async Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        await using var broker = new Broker();
        await broker.StartAsync().ConfigureAwait(false);
        await using var one = await NodeProcess.StartAsync("one", broker.Uri).ConfigureAwait(false);
        await using var two = await NodeProcess.StartAsync("two", broker.Uri).ConfigureAwait(false);
        await using var three = await NodeProcess.StartAsync("three", broker.Uri).ConfigureAwait(false);
        await using var cluster = await FuserCluster.ConnectAsync(broker.Uri, cancellationToken: cancellationToken).ConfigureAwait(false);
        var function = await cluster.RegisterAsync(ScaleGraph.Parse(2), cancellationToken).ConfigureAwait(false);
        var series = new List<Series>();
        foreach (var (name, elements, first) in new[] { ("4 KiB", 1 << 10, 50.0), ("1 MiB", 1 << 18, 5.0) })
        {
            var x = ScaleGraph.Data(elements);
            await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => ScaleGraph.RunAsync(function, x, 3, 2))).ConfigureAwait(false);
            var loop = new OpenLoop(512, TimeSpan.FromMinutes(1));
            var (runs, held) = await Knee.FindAsync(first, settings.Factor, settings.IsQuick ? first : 1e5, TimeSpan.FromMilliseconds(250), async rate =>
            {
                var result = await loop.RunAsync(rate, settings.WarmUp, settings.Duration, _ => ScaleGraph.RunAsync(function, x, 3, 2), cancellationToken).ConfigureAwait(false);
                settings.Progress($"{name}: {rate:0.#}/s asked, {result.Achieved:0.#}/s answered");
                return result;
            }).ConfigureAwait(false);
            series.Add(new Series($"arrays of {name}", runs, held));
        }

        return new ScenarioResult(Name, series, [await SplitAsync(cluster, settings, cancellationToken).ConfigureAwait(false)], []);
    }

    private static async Task<string> SplitAsync(FuserCluster cluster, ScenarioSettings settings, CancellationToken cancellationToken)
    {
        var rows = settings.IsQuick ? 40_000 : 262_144;
        var x = NdArray.From(ScaleGraph.Data(rows * 1024), rows, 1024);
        var graph = GraphText.Parse("graph(%x : Tensor):\n  %d : int = prim::Constant[value=-1]()\n  %n : NoneType = prim::Constant()\n  %y : Tensor = aten::softmax(%x, %d, %n)\n  return (%y)\n");
        var function = await cluster.RegisterAsync(graph, cancellationToken).ConfigureAwait(false);
        var start = Stopwatch.GetTimestamp();
        var report = await function.RunWithReportAsync(new Kernels.Tensors.FuserValue[] { x }, cancellationToken: cancellationToken).ConfigureAwait(false);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        await using var local = await Actors.FuserSystem.StartAsync(null, cancellationToken).ConfigureAwait(false);
        var here = await local.RegisterAsync(graph, cancellationToken).ConfigureAwait(false);
        start = Stopwatch.GetTimestamp();
        var wanted = await here.RunAsync(new Kernels.Tensors.FuserValue[] { x }, cancellationToken: cancellationToken).ConfigureAwait(false);
        var alone = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (!report.Outputs[0].AsSpan<float>().SequenceEqual(wanted[0].AsSpan<float>()))
        {
            throw new InvalidOperationException("the split job has other bits than the run in this process");
        }

        return string.Create(CultureInfo.InvariantCulture, $"softmax over {rows} rows of 1024 ({rows / 256} MiB): {report.Steps[0]}, {seconds:0.00} s, the same bits as in this process, which takes {alone:0.00} s");
    }
}

/// <summary>A cluster whose parts are killed and paused while requests come in.</summary>
internal sealed class ClusterFaultsScenario : Scenario
{
    public override string Name => "cluster-faults";

    public override string Description => "three nodes and a broker under load: nodes killed and paused, the broker killed; nothing lost, wrong or answered twice";

    public override string? Missing => Broker.Missing;

    public override async Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        await using var broker = new Broker();
        await broker.StartAsync().ConfigureAwait(false);
        var nodes = new NodeProcess[3];
        for (var i = 0; i < nodes.Length; i++)
        {
            nodes[i] = await StartAsync(broker, i).ConfigureAwait(false);
        }

        try
        {
            await using var cluster = await FuserCluster.ConnectAsync(broker.Uri, new FuserClusterOptions { RequestTimeout = TimeSpan.FromMinutes(1) }, cancellationToken).ConfigureAwait(false);
            var function = await cluster.RegisterAsync(ScaleGraph.Parse(4), cancellationToken).ConfigureAwait(false);
            var x = ScaleGraph.Data(1000);
            await ScaleGraph.RunAsync(function, x, 3, 4).ConfigureAwait(false);
            var facts = new List<string>();
            var series = new List<Series>();
            var seconds = settings.IsQuick ? 6 : 20;
            (string Name, Func<Task> Fault)[] faults =
            [
                ("a node killed", async () =>
                {
                    await nodes[1].DisposeAsync().ConfigureAwait(false);
                    nodes[1] = await StartAsync(broker, 1).ConfigureAwait(false);
                }),
                ("a node paused", async () =>
                {
                    await nodes[2].SignalAsync("STOP").ConfigureAwait(false);
                    await Task.Delay(TimeSpan.FromSeconds(seconds / 4.0), cancellationToken).ConfigureAwait(false);
                    await nodes[2].SignalAsync("CONT").ConfigureAwait(false);
                }),
                ("the broker killed", async () =>
                {
                    await broker.KillAsync().ConfigureAwait(false);
                    await broker.StartAsync().ConfigureAwait(false);
                }),
            ];
            foreach (var (name, fault) in faults)
            {
                var loop = new OpenLoop(10_000, TimeSpan.FromMinutes(2));
                var faulting = Task.Delay(TimeSpan.FromSeconds(seconds / 3.0), cancellationToken).ContinueWith(_ => fault(), cancellationToken, TaskContinuationOptions.None, TaskScheduler.Default).Unwrap();
                var result = await loop.RunAsync(settings.IsQuick ? 20 : 50, TimeSpan.Zero, TimeSpan.FromSeconds(seconds), _ => ScaleGraph.RunAsync(function, x, 3, 4), cancellationToken).ConfigureAwait(false);
                await faulting.ConfigureAwait(false);
                settings.Progress($"{name}: {result.Tally.Right} right, {result.Tally.Errors} errors, {result.Tally.Lost} lost");
                series.Add(new Series(name, [result], null));
            }

            return new ScenarioResult(Name, series, facts, []);
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static Task<NodeProcess> StartAsync(Broker broker, int number) => NodeProcess.StartAsync($"node-{number}", broker.Uri, "fuser.cluster.heartbeat=1s");
}
