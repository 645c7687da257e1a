namespace Fuser.Gpu.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void Without_options_everything_runs_at_full_size_on_the_first_CUDA_device()
    {
        var options = GpuOptions.Parse([]);
        (options.Device, options.Elements, options.Parts, options.Workloads.Count, options.Peers.Count).ShouldBe(("cuda", 1L << 28, Parts.All, 17, 4));
    }

    [Theory]
    [InlineData("2^20", 1L << 20)]
    [InlineData("1e6", 1_000_000)]
    [InlineData("65536", 65_536)]
    public void Elements_are_numbers_or_powers(string text, long elements) => GpuOptions.Parse(["--elements", text]).Elements.ShouldBe(elements);

    [Fact]
    public void Options_choose_what_runs()
    {
        var options = GpuOptions.Parse(["--device", "opencl", "--part", "probe,calls", "--workload", "W6,W1", "--peer", "none", "--rounds", "2", "--milliseconds", "5", "--python", "py", "--output", "there"]);
        options.Parts.ShouldBe(Parts.Probe | Parts.Calls);
        options.Workloads.Select(workload => workload.Id).ShouldBe(["W6-softmax", "W6-layernorm", "W6-rmsnorm", "W6-colsum", "W6-sum", "W1"]);
        options.Peers.ShouldBeEmpty();
        (options.Device, options.Rounds, options.Milliseconds, options.Python, options.Output).ShouldBe(("opencl", 2, 5, "py", "there"));
        GpuOptions.Parse(["--peer", "jax,cupy"]).Peers.ShouldBe(["jax", "cupy"]);
    }

    [Theory]
    [InlineData("--elements", "10")]
    [InlineData("--elements", "2^70")]
    [InlineData("--elements", "1e99")]
    [InlineData("--elements", "1000.5")]
    [InlineData("--part", "everything")]
    [InlineData("--part", "1")]
    [InlineData("--workload", "W99")]
    [InlineData("--peer", "matlab")]
    [InlineData("--rounds", "0")]
    [InlineData("--corpus", "/there/is/no/such/folder")]
    [InlineData("--rounds")]
    [InlineData("--nonsense")]
    public void What_makes_no_sense_is_refused_by_name(params string[] arguments) =>
        Should.Throw<FormatException>(() => GpuOptions.Parse(arguments)).Message.ShouldContain(arguments.Length > 1 ? arguments[1] : arguments[0]);
}
