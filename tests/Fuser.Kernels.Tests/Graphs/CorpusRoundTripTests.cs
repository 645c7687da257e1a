using Fuser.Kernels.Graphs.Text;

namespace Fuser.Kernels.Tests.Graphs;

public sealed class CorpusRoundTripTests
{
    public static TheoryData<string> Files => [.. Corpus.GraphFiles()];

    [Fact]
    public void The_corpus_is_there() => Corpus.GraphFiles().Count().ShouldBeGreaterThan(80);

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_graph_of_the_corpus_prints_as_PyTorch_printed_it(string file)
    {
        var text = Corpus.Read(file);

        GraphText.Print(GraphText.Parse(text)).ShouldBe(text);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Line_ends_of_Windows_change_nothing(string file)
    {
        var text = Corpus.Read(file);

        GraphText.Parse(text.Replace("\n", "\r\n")).ShouldBe(GraphText.Parse(text));
    }
}
