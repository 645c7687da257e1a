using Fuser.LoadTests.Scenarios;

namespace Fuser.LoadTests.Tests;

public sealed class FlatnessTests
{
    private static readonly TimeSpan HalfAnHour = TimeSpan.FromMinutes(30);

    [Fact]
    public void What_stays_is_flat_however_it_wavers()
    {
        var (facts, failures) = Judge(HalfAnHour, i => (((i % 7) * 10L) + 200 << 20, 100 + (i % 5), 30 + (i % 3)));
        failures.ShouldBeEmpty();
        facts.Count.ShouldBe(3);
    }

    [Fact]
    public void What_fills_in_the_first_tenth_is_not_growth() =>
        Judge(HalfAnHour, i => (i < 30 ? 10L << 20 : 400L << 20, 100, 30)).Failures.ShouldBeEmpty();

    [Theory]
    [InlineData("memory, MiB grew from")]
    [InlineData("handles grew from")]
    [InlineData("threads grew from")]
    public void What_grows_is_named(string expected)
    {
        long Rising(string what, int i, long at) => expected.StartsWith(what, StringComparison.Ordinal) ? at + (i * at / 300) : at;
        var (_, failures) = Judge(HalfAnHour, i => (Rising("memory", i, 200L << 20), (int)Rising("handles", i, 100), (int)Rising("threads", i, 60)));
        failures.ShouldHaveSingleItem().ShouldStartWith(expected);
    }

    [Fact]
    public void A_short_run_is_not_judged_and_says_so()
    {
        var (facts, failures) = Judge(TimeSpan.FromMinutes(1), i => ((long)i << 24, i * 10, i * 10));
        failures.ShouldBeEmpty();
        facts.ShouldContain(fact => fact.Contains("not judged"));
        new Flatness().Judge(HalfAnHour).Facts.ShouldHaveSingleItem().ShouldContain("too few");
    }

    private static (IReadOnlyList<string> Facts, IReadOnlyList<string> Failures) Judge(TimeSpan duration, Func<int, (long, int, int)> sample)
    {
        var flatness = new Flatness();
        for (var i = 0; i < 300; i++)
        {
            flatness.Add(sample(i));
        }

        return flatness.Judge(duration);
    }
}
