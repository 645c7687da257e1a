using System.Net;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Http;

public sealed class GraphEndpointsTests : IAsyncLifetime
{
    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync("limits.max-graphs = 3");

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Fact]
    public async Task A_new_graph_is_created_and_says_what_it_takes_and_gives()
    {
        using var answer = await _node.PostGraphAsync(Graphs.Scalars);
        var graph = await answer.JsonAsync(HttpStatusCode.Created);
        var key = graph.GetProperty("key").GetString()!;
        key.Length.ShouldBe(32);
        answer.Headers.Location!.ToString().ShouldBe($"/v1/graphs/{key}");
        graph.GetProperty("created").GetBoolean().ShouldBeTrue();
        graph.GetProperty("inputs").ToString().ShouldBe("""[{"name":"x","type":"Tensor"},{"name":"f","type":"float"},{"name":"i","type":"int"}]""");
        graph.GetProperty("outputs").ToString().ShouldBe("""[{"name":"out_0","type":"Tensor"},{"name":"out_1","type":"Tensor"}]""");
    }

    [Fact]
    public async Task The_same_graph_has_the_same_key_whatever_its_inner_names()
    {
        var key = await _node.RegisterAsync(Graphs.Add);
        using var again = await _node.PostGraphAsync("# a comment\n" + Graphs.Add.Replace("%3", "%relu", StringComparison.Ordinal));
        var graph = await again.JsonAsync(HttpStatusCode.OK);
        graph.GetProperty("key").GetString().ShouldBe(key);
        graph.GetProperty("created").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task Graphs_that_take_other_names_or_kinds_have_other_keys()
    {
        string[] keys =
        [
            await _node.RegisterAsync("graph(%x : Tensor, %n : int):\n  %2 : Tensor = aten::mul(%x, %n)\n  return (%2)"),
            await _node.RegisterAsync("graph(%x : Tensor, %n : float):\n  %2 : Tensor = aten::mul(%x, %n)\n  return (%2)"),
            await _node.RegisterAsync("graph(%z : Tensor, %n : float):\n  %2 : Tensor = aten::mul(%z, %n)\n  return (%2)"),
        ];
        keys.Distinct().Count().ShouldBe(3);
    }

    [Fact]
    public async Task A_graph_shows_its_counters_its_plan_and_its_kernels()
    {
        var key = await _node.RegisterAsync(Graphs.Add);
        var before = await _node.GetAsync($"/v1/graphs/{key}");
        before.GetProperty("text").GetString().ShouldBe(Graphs.Add);
        before.TryGetProperty("last_run", out _).ShouldBeFalse();

        await _node.RunAsync(key, TestNode.Npz(("x", NdArray.From([-1f, 2f])), ("y", NdArray.From([1f, 1f]))));
        await _node.PostRunAsync(key, TestNode.Npz(("x", NdArray.From(new float[2])), ("y", NdArray.From(new float[3])))).ShouldBeProblemAsync(422, ErrorCodes.BroadcastMismatch);

        var after = await _node.GetAsync($"/v1/graphs/{key}");
        after.GetProperty("counters").GetProperty("runs").GetInt64().ShouldBe(1);
        after.GetProperty("counters").GetProperty("failures").GetInt64().ShouldBe(1);
        var run = after.GetProperty("last_run");
        run.GetProperty("inputs").GetArrayLength().ShouldBe(2);
        run.GetProperty("steps")[0].GetString()!.ShouldContain("aten::relu, aten::add");
        run.GetProperty("kernels")[0].GetProperty("operations").GetInt32().ShouldBe(2);
        run.GetProperty("kernels")[0].GetProperty("target").GetString().ShouldNotBeNullOrEmpty();
        run.GetProperty("not_fused").GetArrayLength().ShouldBe(0);
        (await _node.GetAsync("/v1/graphs")).GetProperty("graphs")[0].GetProperty("key").GetString().ShouldBe(key);
    }

    [Fact]
    public async Task The_least_recently_used_graph_makes_room()
    {
        var keys = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            keys.Add(await _node.RegisterAsync(Constant(i)));
        }

        await _node.GetAsync($"/v1/graphs/{keys[0]}");
        await _node.RegisterAsync(Constant(3));
        await _node.GetAsync($"/v1/graphs/{keys[0]}");
        await _node.Client.GetAsync($"/v1/graphs/{keys[1]}").ShouldBeProblemAsync(404, ErrorCodes.UnknownGraph, keys[1], "Register it again");
        (await _node.GetAsync("/v1/statistics")).GetProperty("graphs_evicted").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task A_graph_can_be_removed_and_kernels_forgotten()
    {
        var key = await _node.RegisterAsync(Graphs.Add);
        await _node.RunAsync(key, TestNode.Npz(("x", NdArray.From([1f])), ("y", NdArray.From([1f]))));
        (await _node.Client.DeleteAsync("/v1/kernels")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await _node.GetAsync("/v1/statistics")).GetProperty("runtime").GetProperty("kernels").GetInt64().ShouldBe(0);
        (await _node.RunAsync(key, TestNode.Npz(("x", NdArray.From([1f])), ("y", NdArray.From([1f])))))[0].ToArray<float>().ShouldBe([2f]);
        (await _node.Client.DeleteAsync($"/v1/graphs/{key}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await _node.PostRunAsync(key, TestNode.Npz()).ShouldBeProblemAsync(404, ErrorCodes.UnknownGraph);
        await _node.Client.DeleteAsync($"/v1/graphs/{key}").ShouldBeProblemAsync(404, ErrorCodes.UnknownGraph);
    }

    [Fact]
    public async Task A_text_that_is_no_graph_is_refused_with_its_place()
    {
        var problem = await _node.PostGraphAsync("graph(%x : Tensor):\n  %1 = = \n  return (%1)").ShouldBeProblemAsync(400, ErrorCodes.GraphSyntax, "line 2");
        problem.GetProperty("line").GetInt32().ShouldBe(2);
        problem.GetProperty("column").GetInt32().ShouldBeGreaterThan(1);
        problem.GetProperty("instance").GetString().ShouldBe("/v1/graphs");
        await _node.PostGraphAsync("").ShouldBeProblemAsync(400, ErrorCodes.GraphSyntax);
        await _node.Client.PostAsync("/v1/graphs", new ByteArrayContent([0x67, 0xff, 0xfe])).ShouldBeProblemAsync(400, ErrorCodes.FileFormat, "not text in UTF-8");
        await _node.PostGraphAsync("graph(%x : Tensor):\n  %1 : Tensor = aten::no_such(%x)\n  return (%1)").ShouldBeProblemAsync(422, ErrorCodes.UnknownOperation, "aten::no_such");
    }

    [Fact]
    public async Task There_is_a_problem_for_every_wrong_address_and_method()
    {
        await _node.Client.GetAsync("/").ShouldBeProblemAsync(404, ErrorCodes.BadRequest, "there is nothing at /");
        await _node.Client.GetAsync("/v1/nothing").ShouldBeProblemAsync(404, ErrorCodes.BadRequest);
        await _node.Client.PutAsync("/v1/graphs", new ByteArrayContent([])).ShouldBeProblemAsync(405, ErrorCodes.BadRequest, "does not take PUT");
        await _node.Client.GetAsync("/v1/graphs/" + new string('a', 500)).ShouldBeProblemAsync(404, ErrorCodes.UnknownGraph, "...");
    }

    private static string Constant(int number) => $"graph(%x : Tensor):\n  %1 : int = prim::Constant[value={number}]()\n  %2 : Tensor = aten::mul(%x, %1)\n  return (%2)";
}
