using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Fuser.Compare.Reports;
using Fuser.LoadTests.Generation;
using Fuser.LoadTests.Reports;
using Fuser.LoadTests.Scenarios;

namespace Fuser.LoadTests.Tests;

public sealed class ReportTests
{
    private static readonly Circumstances Here = new(MachineDescription.Read(), "0123456789ab-dirty", DateTimeOffset.UnixEpoch, TimeSpan.FromSeconds(90), false, 0.5, 0.01);

    private static readonly ScenarioResult Result = new(
        "http",
        [
            new Series("HTTP, <4 KiB> & more", [Run(100, 1_000_000), Run(200, 2_000_000), Run(400, 900_000_000, errors: 3)]) { Held = 200, Limit = "p99 was 900 ms, more than 50", Alone = Run(50, 800_000), AtHalf = Run(100, 1_100_000) },
            new Series("one run", [Run(10, 5_000_000)]),
        ],
        ["wrk skipped | not here"],
        ["the second\nline"]);

    [Fact]
    public void The_page_has_every_run_and_no_text_breaks_its_tables()
    {
        var page = MarkdownReport.Of(Result, Here);
        page.ShouldContain("commit 0123456789ab-dirty");
        page.ShouldContain("The knee is at 200 a second; above it: p99 was 900 ms, more than 50.");
        page.ShouldContain("| one caller alone | 50 | 50 | 0.8 |");
        page.ShouldContain("| half the knee | 100 | 100 | 1.1 |");
        page.ShouldContain("- **failed**: the second line");
        page.ShouldContain("- wrk skipped \\| not here");
        page.ShouldContain("**not sound**");
        page.ShouldNotContain("figures mean nothing");
        MarkdownReport.Of(Result, Here with { Quick = true }).ShouldContain("figures mean nothing");
        foreach (var table in page.Split("\n\n").Where(part => part.StartsWith('|')))
        {
            table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Count(c => c == '|')).Distinct().Count().ShouldBe(1, table);
        }
    }

    [Fact]
    public void The_summary_has_a_line_for_every_series()
    {
        var page = MarkdownReport.Summary([Result, Result with { Scenario = "ask", Failures = [] }], Here);
        page.ShouldContain("| [http](http.md) | HTTP, <4 KiB> & more | 200 | 1.1 | 1.1 | 1.1 | 50 | 47 | 3 | 0 | 0 | 0 |");
        page.ShouldContain("| [ask](ask.md) | one run |  | 5 | 5 | 5 | 10 | 10 | 0 | 0 | 0 | 0 |");
        page.ShouldContain("- **failed**: http: the second line");
    }

    [Fact]
    public void The_picture_is_xml_with_a_curve_for_every_series()
    {
        var svg = XDocument.Parse(SvgChart.Of(Result));
        XNamespace space = "http://www.w3.org/2000/svg";
        svg.Root!.Elements(space + "polyline").Count().ShouldBe(6); // percentiles, p50 and p99 by rate, of two series
        svg.Root.Elements(space + "text").ShouldContain(text => text.Value.Contains("<4 KiB> & more, knee at 200/s"));
        foreach (var coordinate in svg.Root.Elements(space + "polyline").SelectMany(line => line.Attribute("points")!.Value.Split([' ', ','])))
        {
            double.Parse(coordinate, CultureInfo.InvariantCulture).ShouldBeInRange(0, 1080);
        }

        XDocument.Parse(SvgChart.Of(new ScenarioResult("nothing", [], [], []))).Root!.Name.LocalName.ShouldBe("svg");
    }

    [Fact]
    public void Histograms_can_be_read_from_the_file_and_added_up()
    {
        using var json = JsonDocument.Parse(LoadReport.Json(Result, Here));
        var runs = json.RootElement.GetProperty("series")[0].GetProperty("runs").EnumerateArray();
        var sum = new LatencyHistogram();
        foreach (var run in runs)
        {
            sum.Add(LatencyHistogram.FromBuckets(run.GetProperty("histogram").EnumerateObject().Select(bucket => KeyValuePair.Create(int.Parse(bucket.Name, CultureInfo.InvariantCulture), bucket.Value.GetInt64()))));
        }

        sum.Count.ShouldBe(27);
        json.RootElement.GetProperty("sound").GetBoolean().ShouldBeFalse();
        json.RootElement.GetProperty("failures").GetArrayLength().ShouldBe(1);
    }

    private static LoadResult Run(double rate, long nanoseconds, long errors = 0)
    {
        var (latency, lag) = (new LatencyHistogram(), new LatencyHistogram());
        for (var i = 0; i < 10 - errors; i++)
        {
            latency.Record(nanoseconds);
        }

        return new LoadResult(rate, 1, rate, latency, lag, new Tally(10, 0, 10 - errors, errors, 0, 0, 0), new Dictionary<string, long>(), errors > 0 ? ["it | broke"] : []);
    }
}
