using Fuser.Host.Npy;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Commands;

/// <summary>The tool as a process: what the shell sees.</summary>
public sealed class ChildProcessTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task A_run_ends_with_0_and_writes_its_outputs()
    {
        var x = _temporary.Array("x.npy", NdArray.From([-1f, 2f, 3f]));
        var run = await ToolRun.InChildAsync("run", _temporary.Text("g.ir", Graphs.Scalars), "-i", x, "-i", "-2", "-i", "-3", "-o", _temporary.Of("out"), "--json");
        run.ShouldSucceed().Json.GetProperty("outputs").GetArrayLength().ShouldBe(2);
        NpyReader.Load(_temporary.Of("out/out_0.npy")).ToArray<float>().ShouldBe([-1f, -7f, -9f]);
    }

    [Fact]
    public async Task Output_that_is_no_terminal_has_neither_frames_nor_escape_codes()
    {
        var run = await ToolRun.InChildAsync("devices");
        run.ShouldSucceed().Out.ShouldStartWith("device");
        run.Out.ShouldNotContain("\u001b");
        run.Out.ShouldNotContain("│");
    }

    [Theory]
    [InlineData(ErrorCodes.Usage)]
    [InlineData(ErrorCodes.Usage, "run")]
    [InlineData(ErrorCodes.FileUnreadable, "run", "no-such.ir")]
    public async Task Bad_input_ends_with_2_and_one_line(string code, params string[] arguments) =>
        (await ToolRun.InChildAsync(arguments)).ShouldRefuse(code);
}
