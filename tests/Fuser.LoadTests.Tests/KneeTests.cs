using Fuser.LoadTests.Generation;

namespace Fuser.LoadTests.Tests;

public sealed class KneeTests
{
    private static readonly TimeSpan Slowest = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task Rates_double_until_one_is_missed_twice_and_the_range_is_halved()
    {
        var knee = await new Knee(Slowest, refinements: 2).FindAsync(100, 1e9, rate => Task.FromResult(Result(rate, Math.Min(rate, 700))));
        knee.Runs.Select(run => Math.Round(run.Rate)).ShouldBe([100, 200, 400, 800, 800, 566, 673]);
        knee.Held.ShouldBe(672.7, 0.1);
        knee.Limit.ShouldBe("700 of 800 a second were answered in time");
    }

    [Fact]
    public async Task A_single_miss_is_forgiven()
    {
        var calls = 0;
        var knee = await new Knee(Slowest, refinements: 0).FindAsync(100, 400, rate => Task.FromResult(Result(rate, ++calls == 2 ? 0 : rate)));
        knee.Held.ShouldBe(400);
        knee.Runs.Count.ShouldBe(4);
        knee.Limit.ShouldBe("higher rates were not tried");
    }

    [Fact]
    public async Task A_first_rate_that_is_too_high_is_lowered()
    {
        var knee = await new Knee(Slowest, refinements: 0).FindAsync(1600, 1e9, rate => Task.FromResult(Result(rate, Math.Min(rate, 150))));
        knee.Held.ShouldBe(100);
    }

    [Fact]
    public async Task What_holds_nothing_has_no_knee()
    {
        var knee = await new Knee(Slowest, refinements: 3).FindAsync(1600, 1e9, rate => Task.FromResult(Result(rate, 0)));
        knee.Held.ShouldBe(0);
        knee.Runs.Count.ShouldBe(10);
    }

    [Theory]
    [InlineData(null, 98, 0, 0, 0)]
    [InlineData("90 of 100 a second were answered in time", 90, 0, 0, 0)]
    [InlineData("3 requests found no room", 100, 3, 0, 0)]
    [InlineData("2 of 1000 requests failed (FUS8103: 2)", 100, 0, 2, 0)]
    [InlineData("answers were lost, wrong or came twice", 100, 0, 0, 1)]
    public void A_rate_is_not_held_for_a_reason(string? reason, double achieved, long unsent, long errors, long lost) =>
        Knee.WhyNot(Result(100, achieved, new Tally(1000, unsent, 1000 - errors - lost, errors, 0, lost, 0)), Slowest).ShouldBe(reason);

    [Fact]
    public void Answers_that_take_too_long_are_a_reason()
    {
        var slow = Result(100, 100);
        slow.Latency.Record(250_000_000);
        Knee.WhyNot(slow, Slowest).ShouldBe("p99 was 250 ms, more than 100");
        Knee.WhyNot(slow, TimeSpan.FromSeconds(1)).ShouldBeNull();
    }

    [Fact]
    public void Two_requests_may_be_missing_from_a_short_run() =>
        Knee.WhyNot(Result(1, 0.8, seconds: 8), Slowest).ShouldBeNull();

    private static LoadResult Result(double rate, double achieved, Tally? tally = null, double seconds = 10) => new(
        rate, seconds, achieved, new LatencyHistogram(), new LatencyHistogram(), tally ?? Tally.Zero, new Dictionary<string, long> { ["FUS8103"] = tally?.Errors ?? 0 }, []);
}
