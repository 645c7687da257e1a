using System.Text;
using Fuser.Kernels.Graphs.Text;

namespace Fuser.Kernels.Tests.Graphs;

public sealed class MutationTests
{
    private const int MutantsPerFile = 250;
    private const string Alphabet = "%()[]{}<>:,=#\"'\\\n\r\t ._-*?^01e9naiT\0中";

    [Fact]
    public void A_damaged_graph_is_read_or_refused_and_what_is_read_prints_and_reads_again()
    {
        var files = Corpus.GraphFiles().Select(Corpus.Read).ToArray();
        var read = 0;
        var refused = 0;
        for (var file = 0; file < files.Length; file++)
        {
            for (var seed = 0; seed < MutantsPerFile; seed++)
            {
                var text = Mutate(files, file, new Random((file * 100_003) + seed));
                try
                {
                    var graph = GraphText.Parse(text);
                    GraphText.Parse(graph.ToString()).ShouldBe(graph, text);
                    read++;
                }
                catch (GraphException e)
                {
                    e.Line.ShouldBeGreaterThan(0, text);
                    e.Column.ShouldBeGreaterThan(0, text);
                    refused++;
                }
                catch (Exception e) when (e is not ShouldAssertException)
                {
                    Assert.Fail($"{e}\nfor the text\n{text}");
                }
            }
        }

        // Both must happen often, or the mutations test nothing.
        read.ShouldBeGreaterThan(MutantsPerFile);
        refused.ShouldBeGreaterThan(10 * MutantsPerFile);
    }

    private static string Mutate(string[] files, int file, Random random)
    {
        var text = new StringBuilder(files[file]);
        for (var edits = 1 + random.Next(4); edits > 0 && text.Length > 0; edits--)
        {
            var at = random.Next(text.Length);
            var length = Math.Min(random.Next(1, 20), text.Length - at);
            switch (random.Next(6))
            {
                case 0:
                    text[at] = Alphabet[random.Next(Alphabet.Length)];
                    break;
                case 1:
                    text.Insert(at, Alphabet[random.Next(Alphabet.Length)]);
                    break;
                case 2:
                    text.Remove(at, length);
                    break;
                case 3:
                    text.Insert(at, text.ToString(at, length));
                    break;
                case 4:
                    var other = files[random.Next(files.Length)];
                    text.Insert(at, other.AsSpan(random.Next(other.Length)) is var tail && tail.Length > 30 ? tail[..30] : tail);
                    break;
                default:
                    text.Length = at;
                    break;
            }
        }

        return text.ToString();
    }
}
