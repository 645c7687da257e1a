using System.Diagnostics.Metrics;
using Fuser.Host.Telemetry;

namespace Fuser.Host.Tests.Telemetry;

public sealed class PrometheusExporterTests : IDisposable
{
    private readonly Meter _meter = new(new MeterOptions("fuser.test." + Guid.NewGuid().ToString("n")) { Tags = [new("m", "1")] });
    private readonly PrometheusExporter _exporter = new(maxSeries: 3);

    public void Dispose()
    {
        _exporter.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public void Counters_add_up_and_gauges_keep_the_last()
    {
        var counter = _meter.CreateCounter<int>("fuser.test.things", "{thing}", "Things, \"all\" of them\nand more");
        var gauge = _meter.CreateGauge<double>("fuser.test.level", "By");
        var change = _meter.CreateUpDownCounter<long>("fuser.test.open");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a\"b\\c\nd"));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a\"b\\c\nd"));
        gauge.Record(5);
        gauge.Record(2.5);
        change.Add(4);
        change.Add(-1);
        var lines = Lines();
        lines.ShouldContain("# HELP fuser_test_things_total Things, \"all\" of them\\nand more");
        lines.ShouldContain("# TYPE fuser_test_things_total counter");
        lines.ShouldContain("""fuser_test_things_total{kind="a\"b\\c\nd",m="1"} 5""");
        lines.ShouldContain("# TYPE fuser_test_level_bytes gauge");
        lines.ShouldContain("""fuser_test_level_bytes{m="1"} 2.5""");
        lines.ShouldContain("""fuser_test_open{m="1"} 3""");
    }

    [Fact]
    public void A_histogram_counts_what_is_at_most_each_bound()
    {
        var histogram = _meter.CreateHistogram("fuser.test.time", "s", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 2.5] });
        foreach (var value in new[] { 0.5, 1, 1.5, 2.5, 9 })
        {
            histogram.Record(value);
        }

        Lines().Where(line => line.StartsWith("fuser_test_time", StringComparison.Ordinal)).ShouldBe(
        [
            """fuser_test_time_seconds_bucket{m="1",le="1"} 2""",
            """fuser_test_time_seconds_bucket{m="1",le="2.5"} 4""",
            """fuser_test_time_seconds_bucket{m="1",le="+Inf"} 5""",
            """fuser_test_time_seconds_sum{m="1"} 14.5""",
            """fuser_test_time_seconds_count{m="1"} 5""",
        ]);
    }

    [Fact]
    public void What_is_observed_is_the_state_of_now()
    {
        var states = new List<string> { "a", "b" };
        _meter.CreateObservableGauge("fuser.test.state", () => states.Select(state => new Measurement<int>(1, new KeyValuePair<string, object?>("state", state))));
        Lines().Count(line => line.StartsWith("fuser_test_state{", StringComparison.Ordinal)).ShouldBe(2);
        Lines().Count(line => line.StartsWith("fuser_test_state{", StringComparison.Ordinal)).ShouldBe(2);
        states.Remove("a");
        Lines().Where(line => line.StartsWith("fuser_test_state{", StringComparison.Ordinal)).ShouldBe(["""fuser_test_state{m="1",state="b"} 1"""]);
    }

    [Fact]
    public void Series_are_bounded_and_what_goes_beyond_is_counted()
    {
        var counter = _meter.CreateCounter<long>("fuser.test.many");
        for (var i = 0; i < 10; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("i", i));
        }

        var lines = Lines();
        lines.Count(line => line.StartsWith("fuser_test_many_total{", StringComparison.Ordinal)).ShouldBe(3);
        lines.ShouldNotContain("fuser_metrics_dropped_total 0");
    }

    [Theory]
    [InlineData("fuser.runs", "{run}", true, "fuser_runs_total")]
    [InlineData("fuser.code", "By", false, "fuser_code_bytes")]
    [InlineData("http.server.request.duration", "s", false, "http_server_request_duration_seconds")]
    [InlineData("a.total", null, true, "a_total")]
    [InlineData("a_seconds", "s", false, "a_seconds")]
    [InlineData("9 lives", "1", false, "_9_lives")]
    public void Names_follow_the_rules(string instrument, string? unit, bool isCounter, string expected) => PrometheusName.Of(instrument, unit, isCounter).ShouldBe(expected);

    /// <summary>Lines about this test's own meters; others of the process are in the text too.</summary>
    private string[] Lines() => _exporter.Collect().Split('\n');
}
