using Fuser.Actors;
using Fuser.Host.Configuration;
using Fuser.Host.Node;
using Fuser.Kernels;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Node;

/// <summary>A node without anything in front of it.</summary>
public sealed class FuserNodeTests
{
    [Fact]
    public async Task Graphs_are_registered_and_run_under_tickets()
    {
        await using var fuser = await FuserSystem.StartAsync();
        using var node = new FuserNode(fuser, new HostOptions());
        using (var ticket = node.Admit())
        {
            var (graph, isNew) = await node.RegisterAsync(ticket, Graphs.Add, default);
            isNew.ShouldBeTrue();
            node.Find(graph.Key).ShouldBeSameAs(graph);
            FuserValue[] inputs = [new[] { -1f, 1f }, new[] { 1f, 1f }];
            var report = await node.RunAsync(ticket, graph, inputs, RunOptions.Default, default);
            report.Outputs[0].ToArray<float>().ShouldBe([1f, 2f]);
            node.Gate.Memory.Used.ShouldBeGreaterThanOrEqualTo(8);
            node.Gate.Running.ShouldBe(0);
            graph.Snapshot.Counters.Runs.ShouldBe(1);
        }

        node.Gate.Memory.Used.ShouldBe(0);
    }

    [Fact]
    public async Task A_drain_that_takes_too_long_says_so()
    {
        await using var fuser = await FuserSystem.StartAsync();
        using var node = new FuserNode(fuser, new HostOptions());
        var ticket = node.Admit();
        (await node.DrainAsync(new CancellationToken(canceled: true))).ShouldBeFalse();
        Should.Throw<NodeBusyException>(() => node.Admit()).Code.ShouldBe(ErrorCodes.NodeDraining);
        node.Telemetry.Requests.Refused.ShouldBe(1);
        ticket.Dispose();
        (await node.DrainAsync(default)).ShouldBeTrue();
    }

    [Fact]
    public async Task The_text_of_all_graphs_together_is_bounded()
    {
        var registry = new GraphRegistry(new LimitOptions { MaxGraphs = 100, MaxGraphTextBytes = 250 });
        await using var system = await FuserSystem.StartAsync();
        foreach (var key in new[] { "a", "b", "c" })
        {
            var function = await system.RegisterAsync(GraphText.Parse(Graphs.Add));
            registry.Add(new NodeGraph(key, function, new string(' ', 100), DateTimeOffset.UnixEpoch)).IsNew.ShouldBeTrue();
        }

        registry.All.Select(graph => graph.Key).ShouldBe(["c", "b"]);
        registry.Evicted.ShouldBe(1);
        registry.Find("a").ShouldBeNull();
        registry.Remove("b").ShouldBeTrue();
        registry.Remove("b").ShouldBeFalse();
        registry.Count.ShouldBe(1);
    }
}
