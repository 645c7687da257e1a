using System.Net;
using Fuser.Actors;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Http;

public sealed class InspectionTests
{
    [Fact]
    public async Task A_node_says_what_it_is_and_what_it_has_to_do()
    {
        await using var node = await TestNode.StartAsync("node.name = blue", listens: true);
        var devices = (await node.GetAsync("/v1/devices")).GetProperty("devices");
        devices[0].GetProperty("name").GetString().ShouldBe("cpu");
        devices[0].GetProperty("available").GetBoolean().ShouldBeTrue();

        var self = (await node.GetAsync("/v1/nodes")).GetProperty("nodes")[0];
        self.GetProperty("name").GetString().ShouldBe("blue");
        self.GetProperty("state").GetString().ShouldBe("ready");
        self.GetProperty("addresses")[0].GetString().ShouldBe(node.Client.BaseAddress!.ToString().TrimEnd('/'));
        self.GetProperty("devices")[0].GetString().ShouldBe("cpu");

        var statistics = await node.GetAsync("/v1/statistics");
        statistics.GetProperty("node").GetString().ShouldBe("blue");
        statistics.GetProperty("load").GetProperty("capacity").GetInt32().ShouldBeGreaterThan(256);
        statistics.GetProperty("runtime").GetProperty("specs").GetInt64().ShouldBe(0);
    }

    [Fact]
    public async Task Health_has_a_reason_for_each_part()
    {
        await using var node = await TestNode.StartAsync();
        var live = await node.GetAsync("/health/live");
        live.GetProperty("status").GetString().ShouldBe("healthy");
        live.GetProperty("checks").EnumerateObject().Select(check => check.Name).ShouldBe(["actors"]);
        var ready = await node.GetAsync("/health/ready");
        ready.GetProperty("checks").EnumerateObject().Select(check => check.Name).ShouldBe(["actors", "devices", "node"]);
        ready.GetProperty("checks").GetProperty("devices").GetProperty("description").GetString()!.ShouldStartWith("cpu, interpreter");
    }

    [Fact]
    public async Task A_node_whose_actors_end_is_not_alive_and_ends_too()
    {
        var node = await TestNode.StartAsync();
        var waits = node.Http.WaitForShutdownAsync();
        await ((FuserSystem)node.Http.Node.Fuser).DisposeAsync();
        using (var live = await node.Client.GetAsync("/health/live"))
        {
            (await live.JsonAsync(HttpStatusCode.ServiceUnavailable)).GetProperty("status").GetString().ShouldBe("unhealthy");
        }

        await waits;
        node.Http.LostItsActors.ShouldBeTrue();
        await node.DisposeAsync();
    }

    [Fact]
    public async Task Metrics_are_what_prometheus_reads()
    {
        await using var node = await TestNode.StartAsync("node.name = \"a \\\"quoted\\\" name\"");
        var key = await node.RegisterAsync(Graphs.Add);
        await node.RunAsync(key, TestNode.Npz(("x", NdArray.Scalar(1f)), ("y", NdArray.Scalar(1f))));
        using var answer = await node.Client.GetAsync("/metrics");
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n');
        lines.ShouldContain("# TYPE fuser_node_requests_total counter");
        lines.ShouldContain("""fuser_node_requests_total{fuser_node="a \"quoted\" name",outcome="done"} 2""");
        lines.ShouldContain("# TYPE fuser_node_run_duration_seconds histogram");
        lines.ShouldContain("""fuser_node_run_duration_seconds_bucket{fuser_node="a \"quoted\" name",le="+Inf"} 1""");
        lines.ShouldContain("""fuser_node_graphs_count{fuser_node="a \"quoted\" name"} 1""");
        lines.ShouldContain(line => line.StartsWith("fuser_kernels_compiled_total{", StringComparison.Ordinal));
        lines.ShouldContain(line => line.StartsWith("fuser_actors_messages_total{", StringComparison.Ordinal));
        foreach (var line in lines.Where(line => line.Length > 0 && line[0] != '#'))
        {
            line.ShouldMatch("""^[a-zA-Z_][a-zA-Z0-9_]*(\{[a-zA-Z_][a-zA-Z0-9_]*="(\\.|[^"\\])*"(,[a-zA-Z_][a-zA-Z0-9_]*="(\\.|[^"\\])*")*\})? (-?[0-9.eE+-]+|[+-]Inf|NaN)$""");
        }
    }
}
