using Fuser.Host.Npy;
using Fuser.Kernels.Tensors;
using Fuser.OpenClTesting;

namespace Fuser.Host.Tests.Corpus;

/// <summary>What once failed as nothing may, through the command line: refused with its place, or answered with the same bits everywhere.</summary>
public sealed class FindingsTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData("A_unchecked_cast", "FUS2002", "line 2")]
    [InlineData("B_append", "FUS2002", "line 2")]
    [InlineData("C_warn_used", "FUS2002", "line 2")]
    [InlineData("D_split", "FUS2002", "line 2")]
    [InlineData("E_list_as_bool_of_to", "FUS2003", "line 3")]
    public async Task A_graph_that_means_nothing_is_refused_with_its_place(string name, string code, string line)
    {
        foreach (var options in new string[][] { [], ["--unfused"], ["--device", "interpreter"] })
        {
            (await ToolRun.InProcessAsync(["run", Of($"{name}.ir"), "-i", Small(), .. options])).ShouldRefuse(code, line);
        }
    }

    [Fact]
    public async Task The_loss_of_narrow_integers_is_made_in_their_accumulator() =>
        await ShouldAgreeAsync(Of("f1-mse/mse0.ir"), [Of("f1-mse/a.npy"), Of("f1-mse/b.npy")], "cpu", "interpreter");

    [Fact]
    public async Task Two_thousand_reductions_behind_each_other_run() => await ShouldAgreeAsync(Of("red2000.ir"), [Small()], "cpu", "interpreter");

    [OpenClFact]
    public async Task They_have_the_same_bits_on_an_OpenCL_device()
    {
        await ShouldAgreeAsync(Of("f1-mse/mse0.ir"), [Of("f1-mse/a.npy"), Of("f1-mse/b.npy")], "cpu", "opencl");
        await ShouldAgreeAsync(Of("red2000.ir"), [Small()], "cpu", "opencl");
    }

    private async Task ShouldAgreeAsync(string graph, string[] inputs, params string[] devices)
    {
        var expected = await RunAsync(graph, inputs, "--unfused");
        foreach (var device in devices)
        {
            (await RunAsync(graph, inputs, "--device", device)).ShouldHaveTheBitsOf(expected, $"{graph} on {device}");
        }
    }

    private async Task<NdArray> RunAsync(string graph, string[] inputs, params string[] options)
    {
        var output = _temporary.Of($"out{Guid.NewGuid():n}");
        (await ToolRun.InProcessAsync(["run", graph, .. inputs.SelectMany(input => new[] { "-i", input }), "-o", output, .. options])).ShouldSucceed();
        return NpyReader.Load(Path.Combine(output, "out_0.npy"));
    }

    private string Small()
    {
        var path = _temporary.Of("x.npy");
        NpyWriter.Save(path, NdArray.From([.. Enumerable.Range(0, 16).Select(i => (i * 0.125f) - 1)], 4, 4));
        return path;
    }

    private static string Of(string name) => Path.Combine(Repository.Root, "tests", "corpus", "findings", name);
}
