using Fuser.Gpu.Peers;
using Fuser.Gpu.Reports;

namespace Fuser.Gpu.Tests.Reports;

public sealed class ReportTests
{
    private readonly string _page = MarkdownReport.Of(Results.Small);

    [Theory]
    [InlineData("| device | cuda: NVIDIA H200 (test), sm_90, 144384 MiB, CUDA 13.0 |")]
    [InlineData("| version | 0.1.0, commit abcdef |")]
    [InlineData("| JAX | skipped: jax is not installed |")]
    [InlineData("- exactness probe (1.5 s): every bit as the interpreter has it")]
    [InlineData("- corpus and workloads: 200 of 200 have the bits of the processor; 1 ran on the fallback\n  - fallback: reductions/x: no room")]
    [InlineData("| W1: at least 95% of the copy's bandwidth | 98.0%, met |")]
    [InlineData("| W9: at least 95% of the copy's bandwidth | 50.0%, missed |")]
    [InlineData("| not slower than the best peer anywhere | missed at W9 |")]
    [InlineData("to result: at most 150 ms | 120 ms, met |")]
    [InlineData("| what the actors add to a call that is waited for: at most 10 us | 12.0 us, missed |")]
    [InlineData("many under way: at most 10 us | 8.00 us, met |")]
    [InlineData("| workload | this runtime | torch.compile | PyTorch eager | GB/s |", false)]
    [InlineData("| workload | this runtime | torch.compile | GB/s | share of the copy | this runtime / best peer |\n|---|---|---|---|---|---|")]
    [InlineData("| W1 relu(a*x + b) * c | 1.00 | 1.25 | 1000 | 98.0% | 0.800 |")]
    [InlineData("| W9 Adam step, five in, three out | 2.00 | 1.60 | 500 | 50.0% | 1.25 |")]
    [InlineData("| out of memory \\| sorry / really |")]
    [InlineData("| text of 30 operations never seen to result | PyTorch eager | nothing is compiled |  |  |")]
    [InlineData("The peers ran on the processor", false)]
    public void The_page_says(string text, bool isThere = true) => _page.Contains(text, StringComparison.Ordinal).ShouldBe(isThere, _page);

    [Fact]
    public void Every_table_is_one()
    {
        var lines = _page.Split('\n');
        for (var i = 1; i < lines.Length; i++)
        {
            if (lines[i].StartsWith('|') && !lines[i].Replace("\\|", "", StringComparison.Ordinal).Count(letter => letter == '|').Equals(lines[i - 1].Replace("\\|", "", StringComparison.Ordinal).Count(letter => letter == '|')))
            {
                lines[i - 1].ShouldBeEmpty($"a row has other columns than the one above it:\n{lines[i - 1]}\n{lines[i]}");
            }
        }
    }

    [Fact]
    public void Peers_on_the_processor_are_said_to_compare_nothing() =>
        MarkdownReport.Of(Results.Small with { Run = Results.Small.Run with { PeersOnProcessor = true } }).ShouldContain("The peers ran on the processor");

    [Fact]
    public void A_part_alone_makes_a_page_of_it()
    {
        var page = MarkdownReport.Of(Results.Small with { Probe = null, Corpus = null, Cells = [], Peers = [] });
        page.ShouldNotContain("The same bits");
        page.ShouldNotContain("## Workloads");
        page.ShouldContain("## Calls");
    }

    [Fact]
    public void What_went_wrong_here_fails_the_run_and_what_went_wrong_elsewhere_does_not()
    {
        Results.Small.Failures.ShouldBeEmpty();
        var own = Results.Small.Find("W1", PeerNames.Fuser)!;
        (Results.Small with { Probe = new ProbeResult("mul of f32 (1, 2)", 1) }).Failures.ShouldBe(["the exactness probe: mul of f32 (1, 2)"]);
        (Results.Small with { Corpus = new CorpusResult(1, ["x: element 0"], []) }).Failures.ShouldBe(["x: element 0"]);
        (Results.Small with { Cells = [own with { Error = double.PositiveInfinity }] }).Failures.ShouldBe(["W1: the largest error is Infinity"]);
        (Results.Small with { Cells = [own with { Refusal = "FUS5004: full" }] }).Failures.ShouldBe(["W1: FUS5004: full"]);
    }

    [Fact]
    public async Task The_files_are_named_after_the_device_and_the_figures_can_be_read_again()
    {
        using var folder = new TemporaryFolder();
        var page = await ResultFiles.WriteAsync(Results.Small, folder.Path, CancellationToken.None);
        Path.GetFileName(page).ShouldBe("cuda-nvidia-h200-test.md");
        (await File.ReadAllTextAsync(page)).ShouldBe(_page);
        var json = await File.ReadAllTextAsync(Path.ChangeExtension(page, "json"));
        ResultFiles.ToJson(ResultFiles.FromJson(json)).ShouldBe(json);
        MarkdownReport.Of(ResultFiles.FromJson(json)).ShouldBe(_page);
    }
}
