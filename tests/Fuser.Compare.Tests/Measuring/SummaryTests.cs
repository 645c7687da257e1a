using Fuser.Compare.Measuring;

namespace Fuser.Compare.Tests.Measuring;

public sealed class SummaryTests
{
    [Theory]
    [InlineData(new[] { 3.0, 1.0, 2.0 }, 2.0)]
    [InlineData(new[] { 4.0, 1.0, 2.0, 3.0 }, 2.5)]
    [InlineData(new[] { 7.0 }, 7.0)]
    public void The_median_is_the_value_in_the_middle(double[] values, double median) => Summary.Of(values).Median.ShouldBe(median);

    [Fact]
    public void The_range_is_that_of_all_values()
    {
        var summary = Summary.Of([5, 100, 4, 6, 5]);
        summary.ShouldBe(new Summary(5, 4, 100, 5));
        summary.DividedBy(2).ShouldBe(new Summary(2.5, 2, 50, 5));
    }

    [Fact]
    public void Nothing_has_no_summary() => Should.Throw<ArgumentException>(() => Summary.Of([]));

    [Fact]
    public void Calls_are_counted_until_they_fill_the_time()
    {
        var calls = 0;
        var (nanoseconds, measured) = Clock.Measure(() => calls++, 0.002);
        nanoseconds.ShouldBeGreaterThan(0);
        measured.ShouldBeInRange(1, calls);
    }
}
