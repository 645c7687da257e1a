using System.Xml.Linq;
using Fuser.Compare.Measuring;
using Fuser.Compare.Reports;

namespace Fuser.Compare.Tests.Reports;

public sealed class ReportTests
{
    private static readonly string s_page = MarkdownReport.Of(Results.Small, "compare.svg");
    private static readonly XElement s_picture = XDocument.Parse(SvgChart.Of(Results.Small)).Root!;

    [Fact]
    public void The_limit_is_the_faster_of_the_bare_loops() => Results.Small.Limit("W1", 1000, 2)!.Peer.ShouldBe("memory");

    [Fact]
    public void Memory_may_be_fastest_on_fewer_threads_and_never_on_more()
    {
        var result = Results.Small with { Cells = [.. Results.Small.Cells.Where(cell => cell.Threads == 1 || cell.Nanoseconds?.Median > 2)] };
        result.Limit("W1", 1000, 2)!.Threads.ShouldBe(1);
        Results.Small.Limit("W1", 1000, 1)!.Threads.ShouldBe(1);
    }

    [Theory]
    [InlineData(new[] { 1.5, 0.9, 1.0, 0.8, 0.7 }, "More threads are faster from 4000 elements on.")]
    [InlineData(new[] { 0.9, 0.8 }, "More threads are faster from 1000 elements on.")]
    [InlineData(new[] { 0.9, 1.1 }, "More threads are not faster at the largest size.")]
    public void Threads_pay_from_the_size_after_which_they_never_lose(double[] ratios, string sentence) =>
        MarkdownReport.CrossingOf([.. ratios.Select((ratio, i) => new Crossover("W1", (i + 1) * 1000, 2, new Summary(1, 1, 1, 1), new Summary(ratio, ratio, ratio, 1)))]).ShouldBe(sentence);

    [Fact]
    public void The_best_peer_is_neither_this_runtime_nor_a_limit()
    {
        Results.Small.BestPeer("W1", 1000, 2)!.Peer.ShouldBe("hand");
        Results.Small.BestPeer("W1", 1000, 1).ShouldBeNull();
    }

    [Fact]
    public void Summaries_give_medians_the_bandwidth_of_the_limit_and_both_ratios() =>
        Row("## 1,000 elements, 2 threads", "W1").ShouldBe("| W1 relu(a*x + b) * c | 2 | 4 | 0.5 | 40 | 4 | 0.5 |");

    [Fact]
    public void What_was_not_measured_is_a_dash() =>
        Row("## 1,000 elements, 1 thread", "W1").ShouldBe("| W1 relu(a*x + b) * c | 3 | - | 2 | 10 | 1.5 | - |");

    [Fact]
    public void Details_give_ranges_errors_and_refusals()
    {
        Row("## W1:", "this runtime | 1000 | 2").ShouldBe("| this runtime | 1000 | 2 | 2 [1-4] | 4 | 1.5 | note |");
        Row("## W2:", "this runtime").ShouldBe("| this runtime | all |  | - |  |  | refused: FUS2005: not offered |");
    }

    [Fact]
    public void Skipped_peers_and_the_machine_are_named()
    {
        s_page.ShouldContain("| numba | skipped: numba is not installed |");
        s_page.ShouldContain("A <fast> & small processor, 2 logical, AVX2");
        s_page.ShouldContain("| commit | abcdef |");
        s_page.ShouldContain("1.0% of processor time stolen");
    }

    [Fact]
    public void All_rows_of_a_table_have_as_many_cells_as_its_head()
    {
        foreach (var table in s_page.Split("\n\n").Where(block => block.StartsWith('|')))
        {
            var rows = table.Trim().Split('\n').Select(row => row.Replace("\\|", "", StringComparison.Ordinal).Count(character => character == '|')).ToArray();
            rows.ShouldAllBe(count => count == rows[0], table);
        }
    }

    [Fact]
    public void The_picture_has_a_bar_for_every_time_at_the_largest_size_and_most_threads()
    {
        var titles = s_picture.Descendants().Where(element => element.Name.LocalName == "title").Select(title => title.Value).ToArray();
        titles.ShouldBe(["W1, this runtime: 4 times the limit", "W1, hand-written | C++: 8 times the limit", "W2, hand-written | C++: 8 times the limit"]);
    }

    [Fact]
    public void A_longer_time_is_a_longer_bar_inside_the_picture()
    {
        var widths = s_picture.Descendants().Where(element => element.Elements().Any(child => child.Name.LocalName == "title")).Select(bar => double.Parse(bar.Attribute("width")!.Value)).ToArray();
        widths[0].ShouldBeLessThan(widths[1]);
        widths[1].ShouldBe(widths[2]);
        widths.ShouldAllBe(width => width > 0 && width < double.Parse(s_picture.Attribute("width")!.Value));
    }

    [Fact]
    public void Raw_figures_survive_their_file()
    {
        var json = ResultFiles.ToJson(Results.Small);
        ResultFiles.ToJson(ResultFiles.FromJson(json)).ShouldBe(json);
        ResultFiles.FromJson(json).Find("W1", 1000, 2, "hand")!.Nanoseconds!.Median.ShouldBe(4);
    }

    [Fact]
    public void A_run_without_times_is_a_page_and_a_picture_too()
    {
        var empty = Results.Small with { Cells = [], ColdStarts = [], Calls = [], Crossovers = [], Throughputs = [] };
        MarkdownReport.Of(empty, "compare.svg").ShouldContain("A system");
        XDocument.Parse(SvgChart.Of(empty)).Root.ShouldNotBeNull();
    }

    [Theory]
    [InlineData(0.00123, "0.00123")]
    [InlineData(1.2345, "1.23")]
    [InlineData(99.95, "100")]
    [InlineData(12345.6, "12346")]
    [InlineData(0.0000012, "0")]
    [InlineData(double.PositiveInfinity, "inf")]
    [InlineData(null, "-")]
    public void Numbers_have_three_digits_and_no_exponents(double? number, string text) => MarkdownReport.Number(number).ShouldBe(text);

    private static string Row(string heading, string start)
    {
        var section = s_page[s_page.IndexOf(heading, StringComparison.Ordinal)..];
        return section.Split('\n').First(line => line.StartsWith($"| {start}", StringComparison.Ordinal));
    }
}
