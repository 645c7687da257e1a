namespace Fuser.Compare.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void Without_arguments_everything_is_measured()
    {
        var options = ComparisonOptions.Parse([]);
        options.Workloads.Count.ShouldBe(17);
        options.Sizes.ShouldBe([10_000, 1_000_000, 20_000_000]);
        options.Threads.ShouldBe(new[] { 1, Environment.ProcessorCount }.Distinct());
        options.Install.ShouldBeTrue();
    }

    [Fact]
    public void Named_options_win_over_quick_wherever_they_stand()
    {
        var options = ComparisonOptions.Parse(["--rounds", "5", "--quick", "--size", "2e7,1e4"]);
        options.Quick.ShouldBeTrue();
        options.Rounds.ShouldBe(5);
        options.Sizes.ShouldBe([10_000, 20_000_000]);
        options.Milliseconds.ShouldBe(ComparisonOptions.Parse(["--quick"]).Milliseconds);
    }

    [Fact]
    public void Lists_are_read()
    {
        var options = ComparisonOptions.Parse(["--workload", "W1,w7", "--threads", "1,2,all", "--peer", "hand,numba", "--output", "there", "--no-install"]);
        options.Workloads.Select(workload => workload.Id).ShouldBe(["W1", "W7", "W7-f64"]);
        options.Threads.ShouldBe(new[] { 1, 2, Environment.ProcessorCount }.Distinct().Order());
        options.Peers.ShouldBe(["hand", "numba"]);
        (options.Output, options.Install).ShouldBe(("there", false));
    }

    [Theory]
    [InlineData("unknown option '--fast'", "--fast")]
    [InlineData("--rounds needs a value", "--rounds")]
    [InlineData("--rounds takes whole numbers from 1 to 1000, not '0'", "--rounds", "0")]
    [InlineData("--size takes multiples of 1000 up to 500000000, not '1234'", "--size", "1234")]
    [InlineData("--size takes multiples of 1000 up to 500000000, not '1e12'", "--size", "1e12")]
    [InlineData("--threads takes whole numbers from 1 to 1024, not 'some'", "--threads", "some")]
    public void What_makes_no_sense_is_named(string message, params string[] arguments) =>
        Should.Throw<FormatException>(() => ComparisonOptions.Parse(arguments)).Message.ShouldBe(message);

    [Fact]
    public void An_unknown_workload_is_answered_with_those_there_are() =>
        Should.Throw<FormatException>(() => ComparisonOptions.Parse(["--workload", "W99"])).Message.ShouldStartWith("there is no workload 'W99'; there are W1, W2");
}
