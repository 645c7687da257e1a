namespace Fuser.LoadTests.Tests;

public sealed class ProgressLineTests
{
    [Fact]
    public void On_a_terminal_a_tick_is_written_over_and_a_line_stays()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var progress = new ProgressLine(output, isTerminal: true, width: 8, TimeProvider.System);
        progress.Tick("long and longer");
        progress.Tick("ab");
        progress.Write("done");
        output.ToString().ShouldBe("\rlong an\rab     \r  \rdone\n");
    }

    [Fact]
    public void In_a_file_ticks_are_rare_and_break_no_line()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var clock = new Clock();
        var progress = new ProgressLine(output, isTerminal: false, width: 80, clock);
        progress.Tick("too early");
        clock.Seconds = 10;
        progress.Tick("in time");
        progress.Tick("too early again");
        progress.Write("done");
        output.ToString().ShouldBe("  ... in time\ndone\n");
    }

    private sealed class Clock : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }
}
