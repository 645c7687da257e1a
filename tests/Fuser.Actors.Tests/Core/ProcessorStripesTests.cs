using Fuser.Actors.Caching;
using Fuser.Actors.Core;

namespace Fuser.Actors.Tests.Core;

public sealed class ProcessorStripesTests
{
    /// <summary>Two cache lines, for processors fetch lines in pairs.</summary>
    private const int PairOfLines = 16;

    /// <summary>Neither what lies before the values, their number among it, nor what lies behind them shares lines with a place.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    [InlineData(64)]
    public void Places_keep_away_from_both_ends_of_the_array(int most)
    {
        var stripes = new ProcessorStripes(most);
        var values = new long[stripes.ArrayLength];
        foreach (var _ in Enumerable.Range(0, 1000))
        {
            stripes.Current.ShouldBeInRange(PairOfLines, stripes.ArrayLength - (2 * PairOfLines));
            (stripes.Current % PairOfLines).ShouldBe(0);
            values[stripes.Current]++;
        }

        stripes.Sum(values).ShouldBe(1000);
        stripes.Sum(values, beside: 1).ShouldBe(0);
    }

    [Fact]
    public void Nothing_that_threads_count_is_lost()
    {
        const int threads = 8, times = 20_000;
        var (counter, leases) = (new StripedCounter(), new LeaseCounter());
        leases.Take();
        Parallel.For(0, threads, _ =>
        {
            for (var i = 0; i < times; i++)
            {
                counter.Add(3);
                leases.Take();
                leases.Give();
            }
        });

        counter.Value.ShouldBe(3L * threads * times);
        leases.AnyTaken.ShouldBeTrue();
        leases.Give();
        leases.AnyTaken.ShouldBeFalse();
    }
}
