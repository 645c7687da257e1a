using Fuser.Kernels;

namespace Fuser.Host.Tests.Commands;

/// <summary>Command lines that are wrong before any file is read.</summary>
public sealed class UsageTests
{
    [Theory]
    [InlineData("no verb was given")]
    [InlineData("'fly' is no verb", "fly")]
    [InlineData("'--fly' is no verb", "--fly")]
    [InlineData("Required argument missing", "run")]
    [InlineData("Required argument missing", "run", "g.ir", "-i")]
    [InlineData("'--fly'", "run", "g.ir", "--fly")]
    [InlineData("'b.ir'", "run", "a.ir", "b.ir")]
    [InlineData("--threads got '0', wanted a number from 1 to 1024", "run", "g.ir", "--threads", "0")]
    [InlineData("--threads got 'two'", "bench", "g.ir", "--threads", "two")]
    [InlineData("--seconds got '-1'", "bench", "g.ir", "--seconds", "-1")]
    [InlineData("--seed got '1.5'", "run", "g.ir", "--seed", "1.5")]
    [InlineData("GRAPH is empty", "run", "")]
    public async Task A_wrong_command_line_is_one_line_and_exit_code_2(string expected, params string[] arguments) =>
        (await ToolRun.InProcessAsync(arguments)).ShouldRefuse(ErrorCodes.Usage, expected);

    [Theory]
    [InlineData("--help")]
    [InlineData("run", "--help")]
    [InlineData("bench", "--help")]
    [InlineData("explain", "--help")]
    [InlineData("devices", "--help")]
    [InlineData("serve", "--help")]
    public async Task Help_is_a_result_and_no_error(params string[] arguments) =>
        (await ToolRun.InProcessAsync(arguments)).ShouldSucceed().Out.ShouldContain("Usage:");

    [Fact]
    public async Task Verbose_adds_where_an_error_came_from()
    {
        var run = await ToolRun.InProcessAsync("run", "no-such.ir", "--verbose");
        run.Exit.ShouldBe(2);
        run.Error.ShouldStartWith("error FUS7001: ");
        run.Error.ShouldContain("   at Fuser.");
    }
}
