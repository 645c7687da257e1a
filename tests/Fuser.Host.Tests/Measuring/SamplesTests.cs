using Fuser.Host.Measuring;

namespace Fuser.Host.Tests.Measuring;

public sealed class SamplesTests
{
    [Fact]
    public void An_action_too_short_for_the_clock_is_timed_several_at_once()
    {
        var samples = new Samples();
        var calls = 0;
        samples.Collect(() => calls++, 0.02);
        calls.ShouldBeGreaterThan(10 * samples.Count);
        samples.Median.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Quantiles_are_ordered()
    {
        var samples = new Samples();
        samples.Collect(() => Thread.SpinWait(100), 0.02);
        samples.Median.ShouldBeLessThanOrEqualTo(samples.Quantile(0.99));
        samples.Quantile(0).ShouldBeLessThanOrEqualTo(samples.Median);
    }
}
