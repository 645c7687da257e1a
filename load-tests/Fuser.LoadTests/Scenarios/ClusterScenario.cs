using System.Diagnostics;
using System.Globalization;
using Fuser.Actors;
using Fuser.Host.Cluster;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;
using Fuser.LoadTests.Targets;
using Fuser.RabbitMqTesting;

namespace Fuser.LoadTests.Scenarios;

/// <summary>Three nodes and a broker on this machine, beside the same work in this process.</summary>
internal sealed class ClusterScenario : Scenario
{
    private const int Nodes = 3;
    private const int RowLength = 1024;

    private const string Softmax =
        """
        graph(%x : Tensor):
          %d : int = prim::Constant[value=-1]()
          %n : NoneType = prim::Constant()
          %y : Tensor = aten::softmax(%x, %d, %n)
          return (%y)

        """;

    private const string Sum =
        """
        graph(%x : Tensor):
          %n : NoneType = prim::Constant()
          %y : Tensor = aten::sum(%x, %n)
          return (%y)

        """;

    public override string Name => "cluster";

    public override string Description => "three nodes and a broker on loopback, to the knee, beside the same in this process; jobs of 1 GiB split over the nodes, rows and a full sum";

    public override string? Missing => Broker.Missing;

    public override async Task<ScenarioResult> RunAsync(ScenarioSettings settings, CancellationToken cancellationToken)
    {
        await using var broker = new Broker();
        await broker.StartAsync().ConfigureAwait(false);
        await using var nodes = await NodeGroup.StartAsync(Nodes, broker.Uri).ConfigureAwait(false);
        var options = new FuserClusterOptions { RequestTimeout = TimeSpan.FromMinutes(1) };
        await using var cluster = await FuserCluster.ConnectAsync(broker.Uri, options, cancellationToken).ConfigureAwait(false);
        await using var here = await FuserSystem.StartAsync(null, cancellationToken).ConfigureAwait(false);
        var series = new List<Series>();
        foreach (var (where, fuser) in new (string, IFuser)[] { ("cluster", cluster), ("in this process", here) })
        {
            var function = await fuser.RegisterAsync(ScaleGraph.Parse(2), cancellationToken).ConfigureAwait(false);
            foreach (var (size, elements) in new[] { ("4 KiB", 1 << 10), ("1 MiB", 1 << 18) })
            {
                var x = ScaleGraph.Data(elements);

                // Every node shall have seen the graph.
                await Task.WhenAll(Enumerable.Range(0, 4 * Nodes).Select(_ => ScaleGraph.WarmUpAsync(function, x, 2, cancellationToken: cancellationToken))).ConfigureAwait(false);
                var bounds = new LoadBounds(elements > 1 << 12 ? 64 : fuser == here ? 20_000 : 512, TimeSpan.FromMilliseconds(250), 2 * options.RequestTimeout);
                series.Add(await ToTheKneeAsync($"{where}, {size}", settings, bounds, request => ScaleGraph.RunAsync(request, function, x, 2, cancellationToken: cancellationToken), cancellationToken).ConfigureAwait(false));
            }
        }

        var (facts, failures) = (new List<string>(), new List<string>());
        var rows = (settings.IsQuick ? 128 : 1024) * 256;
        var all = NdArray.From(ScaleGraph.Data(rows * RowLength), rows, RowLength);
        foreach (var (what, graph) in new[] { ("softmax", Softmax), ("the sum", Sum) })
        {
            var (fact, isRight) = await SplitAsync(cluster, here, what, graph, all, cancellationToken).ConfigureAwait(false);
            settings.Progress(fact);
            facts.Add(fact);
            if (!isRight)
            {
                failures.Add($"{what}: the split job has other bits than the run in this process");
            }
        }

        return new ScenarioResult(Name, series, facts, failures);
    }

    /// <summary>One job whose parts nodes take as they are free.</summary>
    private static async Task<(string Fact, bool IsRight)> SplitAsync(FuserCluster cluster, FuserSystem here, string what, string text, NdArray x, CancellationToken cancellationToken)
    {
        var graph = GraphText.Parse(text, limits: null, cancellationToken);
        var (there, seconds) = await TimeAsync(cluster).ConfigureAwait(false);
        var (wanted, alone) = await TimeAsync(here).ConfigureAwait(false);
        var isRight = there.Outputs[0].AsSpan<float>().SequenceEqual(wanted.Outputs[0].AsSpan<float>());
        return (
            string.Create(CultureInfo.InvariantCulture, $"{what} over {x.Shape[0]:N0} rows of {RowLength} ({x.Shape[0] / 256} MiB): {seconds:0.00} s on the cluster ({there.Steps[0]}), {alone:0.00} s in this process"),
            isRight);

        async Task<(RunReport Report, double Seconds)> TimeAsync(IFuser fuser)
        {
            var function = await fuser.RegisterAsync(graph, cancellationToken).ConfigureAwait(false);
            var start = Stopwatch.GetTimestamp();
            var report = await function.RunWithReportAsync(new FuserValue[] { x }, cancellationToken: cancellationToken).ConfigureAwait(false);
            return (report, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
    }
}
