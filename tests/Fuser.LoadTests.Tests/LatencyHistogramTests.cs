using Fuser.LoadTests.Generation;

namespace Fuser.LoadTests.Tests;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Quantiles_are_those_of_the_sorted_values_to_within_a_64th()
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, 20_000).Select(_ => (long)Math.Pow(10, random.NextDouble() * 11)).ToList();
        var histogram = new LatencyHistogram();
        values.ForEach(histogram.Record);
        values.Sort();
        foreach (var quantile in new[] { 0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1 })
        {
            var exact = values[(int)Math.Max(0, Math.Ceiling(quantile * values.Count) - 1)];
            var got = histogram.Quantile(quantile);
            got.ShouldBeInRange(exact, exact + (exact / 32) + 1, $"quantile {quantile}");
        }

        histogram.Mean.ShouldBe(values.Average(), values.Average() * 1e-9);
        histogram.Largest.ShouldBe(values[^1]);
    }

    [Fact]
    public void Histograms_add_up()
    {
        var (all, even, odd) = (new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram());
        for (long i = 0; i < 10_000; i++)
        {
            all.Record(i * i);
            (i % 2 == 0 ? even : odd).Record(i * i);
        }

        even.Add(odd);
        even.Count.ShouldBe(all.Count);
        even.Largest.ShouldBe(all.Largest);
        foreach (var quantile in new[] { 0.01, 0.5, 0.77, 1 })
        {
            even.Quantile(quantile).ShouldBe(all.Quantile(quantile));
        }
    }

    [Fact]
    public void Values_out_of_range_are_counted_at_its_ends()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(-5);
        histogram.Record(long.MaxValue);
        histogram.Count.ShouldBe(2);
        histogram.Quantile(0.5).ShouldBe(0);
        histogram.Quantile(1).ShouldBeGreaterThan(3_600_000_000_000);
        new LatencyHistogram().Quantile(0.5).ShouldBe(0);
    }
}
