using System.Text.Json;
using Fuser.Kernels;
using Fuser.OpenClTesting;

namespace Fuser.Host.Tests.Commands;

public sealed class BenchExplainDevicesTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Explain_gets_through_a_list_of_tensors_whose_shapes_only_a_run_can_tell()
    {
        var folder = Path.Combine(Repository.Root, "tests", "corpus", "control-flow", "rows_and_columns");
        (await ToolRun.InProcessAsync("explain", Path.Combine(folder, "graph.ir"), "-i", Path.Combine(folder, "in_0.npy"))).ShouldSucceed().Out.ShouldContain("planned when a run comes to it");
    }

    [Fact]
    public async Task Bench_reports_times_bandwidth_and_limit_as_one_json_object()
    {
        var run = await ToolRun.InProcessAsync("bench", _temporary.Text("g.ir", Graphs.Add), "-i", "f32[1000]", "-i", "f32[1000]", "--seconds", "0.05", "--json");
        var json = run.ShouldSucceed().Json;
        json.EnumerateObject().Select(p => p.Name).ShouldBe(["compile_ms", "median_us", "p99_us", "elements", "bytes", "gb_per_s", "limit_gb_per_s", "ratio"]);
        json.EnumerateObject().ShouldAllBe(p => p.Value.GetDouble() > 0);
        json.GetProperty("elements").GetInt64().ShouldBe(1000);
        json.GetProperty("bytes").GetInt64().ShouldBe(12_000);
        var (bandwidth, limit) = (json.GetProperty("gb_per_s").GetDouble(), json.GetProperty("limit_gb_per_s").GetDouble());
        json.GetProperty("ratio").GetDouble().ShouldBe(bandwidth / limit, 0.01 * bandwidth / limit);
    }

    [Fact]
    public async Task Bench_takes_several_specs_after_one_option_and_numbers_among_them()
    {
        var run = await ToolRun.InProcessAsync("bench", _temporary.Text("g.ir", Graphs.Scalars), "-i", "f64[10,10]", "2.5", "-3", "--seconds", "0.02", "--threads", "1");
        run.ShouldSucceed().Out.ShouldContain("of the limit");
    }

    [Fact]
    public async Task Bench_refuses_a_spec_that_is_none()
    {
        var graph = _temporary.Text("g.ir", Graphs.Random);
        (await ToolRun.InProcessAsync("bench", graph, "-i", "f33[10]")).ShouldRefuse(ErrorCodes.InputDType, "'f33[10]'");
        (await ToolRun.InProcessAsync("bench", graph, "-i", "f32[9999999999]")).ShouldRefuse(ErrorCodes.SizeLimit, "'f32[9999999999]'");
        (await ToolRun.InProcessAsync("bench", graph, "-i", "f32")).ShouldRefuse(ErrorCodes.FileUnreadable, "'f32'");
    }

    [Fact]
    public async Task Explain_shows_groups_keys_ir_and_generated_code()
    {
        var run = await ToolRun.InProcessAsync("explain", _temporary.Text("g.ir", Graphs.Add), "-i", "f32[20000000]", "-i", "f32[20000000]");
        run.ShouldSucceed();
        foreach (var part in new[] { "== graph ", "aten::relu", "== steps", "== group 0: spec ", "== arguments", "== kernel", "== generated", "not yet", "== not fused" })
        {
            run.Out.ShouldContain(part);
        }
    }

    [Fact]
    public async Task Explain_says_what_each_step_moves_and_what_fusion_saves()
    {
        var run = await ToolRun.InProcessAsync("explain", _temporary.Text("g.ir", Graphs.Add), "-i", "f32[1000]", "-i", "f32[1000]");
        run.ShouldSucceed();
        foreach (var part in new[] { "reads 8,000 bytes, writes 4,000 bytes", "ends there because: aten::add (line ", "is output 0", "== steps without fusion", "== memory", "for intermediate results", "fusion saves" })
        {
            run.Out.ShouldContain(part);
        }
    }

    [OpenClFact]
    public async Task Explain_shows_the_plan_of_a_device()
    {
        var graph = _temporary.Text("sum.ir", "graph(%x : Tensor, %z : Tensor):\n  %n : NoneType = prim::Constant()\n  %r : Tensor = aten::sum(%x, %n)\n  %y : Tensor = aten::exp(%z)\n  return (%r, %y)\n");
        var text = (await ToolRun.InProcessAsync("explain", graph, "-i", "f32[1000000]", "f32[1000]", "--device", "opencl")).ShouldSucceed().Out;
        text.ShouldContain("runs on opencl, form 1u");
        text.ShouldContain("runs on the host, because it reduces, and the device is a processor, on which the host's own kernel takes less; 0 bytes are copied to the host before, 0 bytes back");
        text.ShouldContain("A call with arrays of the host copies 4,000 bytes of inputs to opencl and 4,004 bytes of results back");
        text.ShouldContain("__kernel");
        var plan = (await ToolRun.InProcessAsync("explain", graph, "-i", "f32[1000000]", "f32[1000]", "--device", "opencl", "--json")).ShouldSucceed().Json.GetProperty("plans")[0].GetProperty("fused");
        plan.GetProperty("copies").GetProperty("bytes_to_device").GetInt64().ShouldBe(4_000);
        plan.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("runs_on_device").GetBoolean()).Order().ShouldBe([false, true]);
    }

    [OpenClFact]
    public async Task Explain_shows_the_kernels_of_routines_step_by_step()
    {
        var graph = _temporary.Text("cumsum.ir", "graph(%x : Tensor):\n  %d : int = prim::Constant[value=0]()\n  %n : NoneType = prim::Constant()\n  %e : Tensor = aten::exp(%x)\n  %r : Tensor = aten::cumsum(%e, %d, %n)\n  return (%r)\n");
        var text = (await ToolRun.InProcessAsync("explain", graph, "-i", "f32[5000]", "--device", "opencl")).ShouldSucceed().Out;
        text.ShouldContain("runs on opencl, form cumsum0 float32 split: lines are cut into 3 blocks of 2048 elements");
        text.ShouldContain("== step 2: generated");
        text.ShouldContain("void cumsum_p2(");
        var steps = (await ToolRun.InProcessAsync("explain", graph, "-i", "f32[5000]", "--device", "opencl", "--json")).ShouldSucceed().Json.GetProperty("plans")[0].GetProperty("fused").GetProperty("steps");
        steps[1].GetProperty("generated").GetString().ShouldNotBeNull().ShouldContain("void cumsum_p0(");
        steps[0].TryGetProperty("generated", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Explain_prints_one_json_object_on_request()
    {
        var run = await ToolRun.InProcessAsync("explain", _temporary.Text("g.ir", Graphs.Add), "-i", "f32[1000]", "-i", "f32[1000]", "--json");
        var json = run.ShouldSucceed().Json;
        json.EnumerateObject().Select(p => p.Name).ShouldBe(["graph_key", "graph", "steps", "plans", "groups", "not_fused"]);
        var plan = json.GetProperty("plans").EnumerateArray().ShouldHaveSingleItem();
        plan.GetProperty("region").ValueKind.ShouldBe(JsonValueKind.Null);
        (plan.GetProperty("fused").GetProperty("bytes_read").GetInt64(), plan.GetProperty("unfused").GetProperty("bytes_read").GetInt64()).ShouldBe((8000, 12_000));
        var step = plan.GetProperty("fused").GetProperty("steps").EnumerateArray().ShouldHaveSingleItem();
        step.EnumerateObject().Select(p => p.Name).ShouldBe(["step", "boundaries", "sweeps", "bytes_read", "bytes_written"]);
        json.GetProperty("groups").EnumerateArray().ShouldHaveSingleItem().GetProperty("generated").GetString().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Devices_lists_the_default_first()
    {
        (await ToolRun.InProcessAsync("devices")).ShouldSucceed().Out.ShouldContain("interpreter");
        var json = (await ToolRun.InProcessAsync("devices", "--json")).ShouldSucceed().Json;
        var devices = json.GetProperty("devices").EnumerateArray().ToArray();
        devices[0].GetProperty("name").GetString().ShouldBe("cpu");
        devices[0].GetProperty("available").ValueKind.ShouldBe(JsonValueKind.True);
        devices[0].EnumerateObject().Select(p => p.Name).ShouldBe(["name", "available", "description"]);
    }
}
