using Fuser.Actors;
using Fuser.Actors.TestKit;
using Fuser.Host.Cluster;
using Fuser.Host.Tests.Corpus;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Cluster;

/// <summary>Reductions over nodes in processes of their own and a real broker.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ClusterPassTests(SharedBroker broker)
{
    /// <summary>Two passes, an output beside the sums, and sums per column.</summary>
    private const string Everything = """
        graph(%x : Tensor, %s : float):
          %i0 : int = prim::Constant[value=0]()
          %i1 : int = prim::Constant[value=1]()
          %none : NoneType = prim::Constant()
          %true : bool = prim::Constant[value=1]()
          %false : bool = prim::Constant[value=0]()
          %axis : int[] = prim::ListConstruct(%i0)
          %y : Tensor = aten::mul(%x, %s)
          %sum : Tensor = aten::sum(%y, %none)
          %deviation : Tensor = aten::std(%y, %true)
          %where : Tensor = aten::argmax(%y, %none, %false)
          %columns : Tensor = aten::sum(%y, %axis, %false, %none)
          return (%y, %sum, %deviation, %where, %columns)
        """;

    private const string Mean = """
        graph(%x : Tensor):
          %none : NoneType = prim::Constant()
          %m : Tensor = aten::mean(%x, %none)
          %y : Tensor = aten::sqrt(%m)
          return (%y)
        """;

    private readonly string _name = $"test-{Guid.NewGuid():n}";

    [BrokerFact]
    public async Task Reductions_are_shared_by_the_nodes_and_survive_the_loss_of_one()
    {
        await using var first = await NodeProcess.StartAsync(broker.Uri, _name, "first");
        await using var second = await NodeProcess.StartAsync(broker.Uri, _name, "second");
        await using var cluster = await ConnectAsync();
        await using var local = await FuserSystem.StartAsync();
        var graph = GraphText.Parse(Everything);
        FuserValue[] inputs = [NdArray.From(Enumerable.Range(0, 3001 * 100).Select(i => MathF.Sin(i) * (1 << (i % 20))).ToArray(), 3001, 100), 0.3];
        var wanted = await (await local.RegisterAsync(graph)).RunAsync(inputs);
        var function = await cluster.RegisterAsync(graph);
        for (var turn = 0; turn < 3; turn++)
        {
            var running = function.RunWithReportAsync(inputs).AsTask();
            if (turn == 1)
            {
                await second.KillAsync();
            }

            var report = await running;
            report.Steps[0].ShouldBe("2 passes of 24 parts of up to 128 of 3001 rows, by the nodes of the cluster");
            for (var i = 0; i < wanted.Length; i++)
            {
                report.Outputs[i].ShouldHaveTheBitsOf(wanted[i], $"turn {turn}, output {i}");
            }
        }
    }

    [BrokerFact]
    public async Task Everything_is_added_in_parts_of_equal_size_into_the_callers_memory()
    {
        await using var node = await NodeProcess.StartAsync(broker.Uri, _name, "only");
        await using var cluster = await ConnectAsync();
        await using var local = await FuserSystem.StartAsync();
        var graph = GraphText.Parse(Mean);

        // One row: it is cut all the same.
        FuserValue[] inputs = [NdArray.From(Enumerable.Range(0, 300_001).Select(i => (Half)((i % 1000) * 0.37)).ToArray(), 1, 300_001)];
        var wanted = await (await local.RegisterAsync(graph)).RunAsync(inputs);
        var function = await cluster.RegisterAsync(graph);
        var report = await function.RunWithReportAsync(inputs);
        report.Steps[0].ShouldBe("10 parts of up to 32768 of 300001 elements, by the nodes of the cluster");
        report.Outputs[0].ShouldHaveTheBitsOf(wanted[0], "the mean");

        var room = NdArray.Scalar((Half)0);
        await function.RunAsync(inputs, new[] { room });
        room.ShouldHaveTheBitsOf(wanted[0], "in the caller's memory");
        cluster.Held.Bytes.ShouldBe(0);
    }

    private async Task<FuserCluster> ConnectAsync() =>
        await FuserCluster.ConnectAsync(broker.Uri, new FuserClusterOptions { Name = _name, SplitOverBytes = 1 << 17, ConnectTimeout = ActorTestKit.HangLimit });
}
