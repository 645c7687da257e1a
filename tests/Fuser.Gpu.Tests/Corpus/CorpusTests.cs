using Fuser.CudaTesting;
using Fuser.Gpu.Corpus;
using Fuser.Kernels.Tensors;

namespace Fuser.Gpu.Tests.Corpus;

public sealed class CorpusTests
{
    private const string Case = "torchscript/adam_step/";

    [Fact]
    public void The_program_carries_the_corpus_and_every_case_can_be_read()
    {
        var cases = CorpusFiles.Bundled.Cases().ToList();
        cases.Count.ShouldBeGreaterThan(100);
        cases.Select(@case => @case.Folder.Split('/')[0]).Distinct().Order().ShouldBe(["control-flow", "reductions", "reports", "routines", "torchscript"]);
        foreach (var (folder, graph) in cases)
        {
            var read = CorpusCase.Load(CorpusFiles.Bundled, folder, graph);
            read.Inputs.Count.ShouldBe(read.Graph.Inputs.Length, read.Name);
        }
    }

    [Fact]
    public async Task A_device_with_the_same_bits_passes_and_another_is_found_out()
    {
        using var folder = new TemporaryFolder();
        Unpack(Case, folder.Path);
        await using (var right = Systems.On(new CudaStandIn()))
        {
            var result = await new CorpusRun(right, "cuda").RunAsync(CorpusFiles.In(folder.Path), []);
            (result.Cases, result.Differences.Count, result.OnFallback.Count).ShouldBe((1, 0, 0));
        }

        await using var wrong = Systems.OnWrong("mul.rn.f32", "add.rn.f32");
        var found = await new CorpusRun(wrong, "cuda").RunAsync(CorpusFiles.In(folder.Path), []);
        found.Differences.ShouldHaveSingleItem().ShouldStartWith($"{Case}graph.ir: output 0: element ");
    }

    [Fact]
    public async Task Products_lookups_and_pooling_of_the_corpus_have_the_same_bits_on_the_device()
    {
        using var folder = new TemporaryFolder();
        Unpack("routines/", folder.Path);
        var driver = new CudaStandIn();
        await using var fuser = Systems.On(driver);
        var result = await new CorpusRun(fuser, "cuda").RunAsync(CorpusFiles.In(folder.Path), []);
        (result.Cases > 8, result.Differences.Count, result.OnFallback.Count).ShouldBe((true, 0, 0), string.Join('\n', result.Differences));
        driver.Calls.ShouldContain("LaunchKernel");
    }

    [Fact]
    public void Bits_tell_zeros_apart_and_nans_not()
    {
        SameBits.Difference([NdArray.From([0f, float.NaN])], [NdArray.From([0f, BitConverter.UInt32BitsToSingle(0xffc00001)])]).ShouldBeNull();
        SameBits.Difference([NdArray.From([1f, 0f])], [NdArray.From([1f, -0f])]).ShouldBe("output 0: element 1: got -0 (0x80000000), wanted 0 (0x00000000)");
        SameBits.Difference([NdArray.From([long.MaxValue])], [NdArray.From([long.MaxValue - 1])]).ShouldNotBeNull();
        SameBits.Difference([NdArray.From([1f])], [NdArray.From([1.0])]).ShouldNotBeNull();
        SameBits.Difference([NdArray.From([1f])], [NdArray.From([1f, 2f])]).ShouldNotBeNull();
        SameBits.Difference([NdArray.From([1f])], []).ShouldBe("there are 0 outputs, not 1");
    }

    private static void Unpack(string prefix, string target)
    {
        foreach (var path in CorpusFiles.Bundled.Paths.Where(path => path.StartsWith(prefix, StringComparison.Ordinal) && !path.EndsWith("fused.ir", StringComparison.Ordinal)))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(target, path))!);
            using var source = CorpusFiles.Bundled.Open(path);
            using var file = File.Create(Path.Combine(target, path));
            source.CopyTo(file);
        }
    }
}
