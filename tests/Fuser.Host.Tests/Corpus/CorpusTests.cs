using Fuser.Host.Npy;
using Fuser.Kernels.Tensors;
using Fuser.OpenClTesting;

namespace Fuser.Host.Tests.Corpus;

/// <summary>Every graph of the corpus through the command line: fused, interpreted and unfused, each right and all with the same bits.</summary>
public sealed class CorpusTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public static TheoryData<string, string> All
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (name, file) in CorpusCase.All())
            {
                data.Add(name, file);
            }

            return data;
        }
    }

    public static TheoryData<string> Refused => [.. CorpusCase.Refused()];

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [MemberData(nameof(All))]
    public async Task Every_way_of_running_is_right_and_gives_the_same_bits(string name, string file)
    {
        var @case = CorpusCase.Load(name);
        var fused = await RunAsync(@case, file, "cpu");
        for (var i = 0; i < fused.Length; i++)
        {
            fused[i].ShouldBeRight(@case.Outputs[i], $"{name}/{file}, output {i}");
        }

        foreach (var (what, other) in new[]
        {
            ("interpreter", await RunAsync(@case, file, "interpreter")),
            ("unfused", await RunAsync(@case, file, "cpu", "--unfused")),
            ("one thread", await RunAsync(@case, file, "cpu", "--threads", "1")),
        })
        {
            for (var i = 0; i < fused.Length; i++)
            {
                other[i].ShouldHaveTheBitsOf(fused[i], $"{name}/{file}, output {i}, {what}");
            }
        }
    }

    [OpenClTheory]
    [MemberData(nameof(All))]
    public async Task An_OpenCL_device_gives_the_same_bits(string name, string file)
    {
        var @case = CorpusCase.Load(name);
        var (wanted, got) = (await RunAsync(@case, file, "cpu"), await RunAsync(@case, file, "opencl"));
        for (var i = 0; i < wanted.Length; i++)
        {
            got[i].ShouldHaveTheBitsOf(wanted[i], $"{name}/{file}, output {i}, opencl");
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_model_with_operations_that_are_not_offered_is_refused_by_name_and_line(string name)
    {
        var @case = CorpusCase.Load(name);
        var run = await ToolRun.InProcessAsync(["run", Path.Combine(@case.Folder, "graph.ir"), .. @case.Values.SelectMany(v => new[] { "-i", v }), "-o", _temporary.Of("output")]);
        run.ShouldRefuse(@case.Refusal[0], @case.Refusal[1..]);
    }

    [Fact]
    public async Task What_is_not_offered_is_refused_with_the_reason_and_every_place()
    {
        var graph = _temporary.Of("refused.ir");
        File.WriteAllText(graph, "graph(%x : Tensor):\n  %y : Tensor = aten::nonzero(%x)\n  %z : Tensor = aten::frobnicate(%y)\n  return (%z)\n");
        var output = _temporary.Of("output");
        var run = await ToolRun.InProcessAsync(["run", graph, "-i", CorpusCase.Load("matmul_then_pointwise").Values[0], "-o", output]);
        run.Exit.ShouldBe(2, run.Error);
        run.Error.ShouldStartWith("error FUS");
        run.Error.ShouldContain("aten::nonzero");
        run.Error.ShouldContain("aten::frobnicate");
        run.Error.ShouldContain("line 2");
        Directory.Exists(output).ShouldBeFalse();
    }

    private async Task<NdArray[]> RunAsync(CorpusCase @case, string file, string device, params string[] options)
    {
        var output = _temporary.Of($"{device}{string.Concat(options)}");
        var run = await ToolRun.InProcessAsync(
            ["run", Path.Combine(@case.Folder, file), .. @case.Values.SelectMany(v => new[] { "-i", v }), "-o", output, "--device", device, "--json", .. options]);
        run.ShouldSucceed().Json.GetProperty("fallbacks").GetArrayLength().ShouldBe(options.Contains("--unfused") ? 1 : 0);
        var outputs = run.Json.GetProperty("outputs").EnumerateArray().ToArray();
        outputs.Length.ShouldBe(@case.Outputs.Length);
        return [.. outputs.Select(o => NpyReader.Load(o.GetProperty("file").GetString()!))];
    }
}
