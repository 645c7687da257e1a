using System.Text.Json;
using Fuser.Host.Npy;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Commands;

public sealed class RunCommandTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Outputs_are_written_in_order()
    {
        var x = _temporary.Array("x.npy", NdArray.From([-1f, 2f, 3f]));
        var run = await ToolRun.InProcessAsync("run", _temporary.Text("g.ir", Graphs.Scalars), "-i", x, "-i", "2.5", "-i", "-3", "-o", _temporary.Of("out"));
        run.ShouldSucceed();
        NpyReader.Load(_temporary.Of("out/out_0.npy")).ToArray<float>().ShouldBe([-5.5f, 2f, 4.5f]);
        NpyReader.Load(_temporary.Of("out/out_1.npy")).ToArray<bool>().ShouldBe([false, false, true]);
        Directory.GetFileSystemEntries(_temporary.Of("out")).Length.ShouldBe(2);
    }

    [Fact]
    public async Task Without_a_directory_the_outputs_are_shown()
    {
        var x = _temporary.Array("x.npy", NdArray.From([-1f, 2f, 3f]));
        var run = await ToolRun.InProcessAsync("run", _temporary.Text("g.ir", Graphs.Add), "-i", x, "-i", x);
        run.ShouldSucceed().Out.ShouldContain("float32[3]  -1, 4, 6");
        run.Out.ShouldContain("operations fused into 1 kernel,");
    }

    [Fact]
    public async Task Json_is_one_object_with_exactly_the_documented_fields()
    {
        var x = _temporary.Array("x.npy", NdArray.From([-1f, 2f, 3f, 4f], 2, 2));
        var run = await ToolRun.InProcessAsync("run", _temporary.Text("g.ir", Graphs.Scalars), "-i", x, "-i", "2.5", "-i", "3", "-o", _temporary.Of("out"), "--json");
        var json = run.ShouldSucceed().Json;
        Names(json).ShouldBe(["outputs", "kernels", "steps", "fallbacks", "run_ms"]);
        var outputs = json.GetProperty("outputs").EnumerateArray().ToArray();
        outputs.Length.ShouldBe(2);
        Names(outputs[0]).ShouldBe(["file", "dtype", "shape"]);
        outputs[0].GetProperty("file").GetString().ShouldBe(_temporary.Of("out/out_0.npy"));
        outputs[1].GetProperty("dtype").GetString().ShouldBe("bool");
        outputs[1].GetProperty("shape").EnumerateArray().Select(s => s.GetInt64()).ShouldBe([2, 2]);
        var kernel = json.GetProperty("kernels").EnumerateArray().ShouldHaveSingleItem();
        Names(kernel).ShouldBe(["group", "key", "target", "compile_ms", "cached"]);
        kernel.GetProperty("group").GetInt32().ShouldBe(0);
        kernel.GetProperty("key").GetString()!.Length.ShouldBeGreaterThanOrEqualTo(32);
        kernel.GetProperty("target").GetString().ShouldStartWith("simd");
        kernel.GetProperty("compile_ms").GetDouble().ShouldBeGreaterThan(0);
        kernel.GetProperty("cached").GetBoolean().ShouldBeFalse();
        json.GetProperty("steps").GetArrayLength().ShouldBeGreaterThan(0);
        json.GetProperty("fallbacks").GetArrayLength().ShouldBe(0);
        json.GetProperty("run_ms").GetDouble().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Json_without_a_directory_has_no_files()
    {
        var x = _temporary.Array("x.npy", NdArray.From([1f]));
        var run = await ToolRun.InProcessAsync("run", _temporary.Text("g.ir", Graphs.Add), "-i", x, "-i", x, "--json");
        run.ShouldSucceed().Json.GetProperty("outputs")[0].GetProperty("file").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Unfused_says_what_ran_on_the_fallback()
    {
        var x = _temporary.Array("x.npy", NdArray.From([1f]));
        var run = await ToolRun.InProcessAsync("run", _temporary.Text("g.ir", Graphs.Add), "-i", x, "-i", x, "--unfused", "--json");
        var fallback = run.ShouldSucceed().Json.GetProperty("fallbacks").EnumerateArray().First();
        Names(fallback).ShouldBe(["where", "reason"]);
        fallback.GetProperty("reason").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task A_seed_makes_random_operations_repeat_on_any_number_of_threads()
    {
        var graph = _temporary.Text("g.ir", Graphs.Random);
        var x = _temporary.Array("x.npy", NdArray.Allocate(DType.Float32, [100_000]));
        (await ToolRun.InProcessAsync("run", graph, "-i", x, "--seed", "1", "-o", _temporary.Of("a"))).ShouldSucceed();
        (await ToolRun.InProcessAsync("run", graph, "-i", x, "--seed", "1", "--threads", "3", "-o", _temporary.Of("b"))).ShouldSucceed();
        (await ToolRun.InProcessAsync("run", graph, "-i", x, "--seed", "2", "-o", _temporary.Of("c"))).ShouldSucceed();
        var first = NpyReader.Load(_temporary.Of("a/out_0.npy")).ToArray<float>();
        NpyReader.Load(_temporary.Of("b/out_0.npy")).ToArray<float>().SequenceEqual(first).ShouldBeTrue();
        NpyReader.Load(_temporary.Of("c/out_0.npy")).ToArray<float>().SequenceEqual(first).ShouldBeFalse();
    }

    [Fact]
    public async Task Big_endian_and_fortran_order_inputs_give_the_same_result()
    {
        var plain = _temporary.Array("plain.npy", NdArray.From([1f, -2f, 3f, -4f, 5f, -6f], 2, 3));
        File.WriteAllBytes(_temporary.Of("other.npy"), Npy.NpyBytes.File(Npy.NpyBytes.Header(">f4", "(2, 3)", fortranOrder: true), Npy.NpyBytes.BigEndian(1f, -4f, -2f, 5f, 3f, -6f)));
        var graph = _temporary.Text("g.ir", Graphs.Add);
        (await ToolRun.InProcessAsync("run", graph, "-i", plain, "-i", plain, "-o", _temporary.Of("a"))).ShouldSucceed();
        (await ToolRun.InProcessAsync("run", graph, "-i", _temporary.Of("other.npy"), "-i", _temporary.Of("other.npy"), "-o", _temporary.Of("b"))).ShouldSucceed();
        File.ReadAllBytes(_temporary.Of("b/out_0.npy")).ShouldBe(File.ReadAllBytes(_temporary.Of("a/out_0.npy")));
    }

    private static string[] Names(JsonElement element) => [.. element.EnumerateObject().Select(p => p.Name)];
}
