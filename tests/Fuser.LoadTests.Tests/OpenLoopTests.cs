using Fuser.LoadTests.Generation;

namespace Fuser.LoadTests.Tests;

public sealed class OpenLoopTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Every_request_is_sent_and_counted_by_how_it_ended()
    {
        var result = await new OpenLoop(1000, Patience).RunAsync(1000, TimeSpan.Zero, TimeSpan.FromSeconds(0.3), n => (n % 3) switch
        {
            0 => Task.FromResult(Outcome.Right),
            1 => Task.FromResult(Outcome.Wrong),
            _ => Task.FromException<Outcome>(new InvalidOperationException("no")),
        }, default);
        result.Tally.ShouldBe(new Tally(300, 0, 100, 100, 100, 0, 0));
        result.Latency.Count.ShouldBe(100);
        result.Problems.ShouldContain("no");
        result.Tally.IsSound.ShouldBeFalse();
    }

    [Fact]
    public async Task A_stalled_system_is_charged_for_those_who_came_meanwhile()
    {
        // Nobody is answered until all have come, so the first waits the whole time, though each answer is quick once it is made.
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var result = await new OpenLoop(1000, Patience).RunAsync(500, TimeSpan.Zero, TimeSpan.FromSeconds(0.4), async n =>
        {
            if (n == 199)
            {
                gate.SetResult();
            }

            await gate.Task;
            return Outcome.Right;
        }, default);
        result.Tally.Right.ShouldBe(200);
        result.Latency.Quantile(1).ShouldBeGreaterThan(380_000_000);
        result.Latency.Quantile(0.5).ShouldBeGreaterThan(150_000_000);
    }

    [Fact]
    public async Task What_does_not_fit_is_not_sent_and_what_never_ends_is_lost()
    {
        var never = new TaskCompletionSource<Outcome>();
        var result = await new OpenLoop(10, TimeSpan.Zero).RunAsync(1000, TimeSpan.Zero, TimeSpan.FromSeconds(0.1), _ => never.Task, default);
        result.Tally.ShouldBe(new Tally(10, 90, 0, 0, 0, 10, 0));
        Knee.IsHeld(result, Patience).ShouldBeFalse();
        never.SetResult(Outcome.Right);
    }

    [Fact]
    public async Task Rates_rise_until_two_in_a_row_are_not_held()
    {
        var (runs, held) = await Knee.FindAsync(100, 2, 1e9, Patience, rate => Task.FromResult(new LoadResult(rate, Math.Min(rate, 700), new LatencyHistogram(), Tally.Zero, [])));
        held.ShouldBe(400);
        runs.Select(run => run.Rate).ShouldBe([100, 200, 400, 800, 1600]);
    }
}
