using System.Reflection;

namespace Fuser.Kernels.Tests.Errors;

public sealed class ErrorCodesTests
{
    [Fact]
    public void The_page_of_errors_has_a_row_for_every_code_and_no_other_rows()
    {
        var rows = File.ReadLines(Path.Combine(Graphs.Corpus.Root, "..", "..", "docs", "errors.md"))
            .Where(line => line.StartsWith("| FUS"))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (Code: cells[1], Name: cells[2]));

        rows.ShouldBe(Codes(), ignoreOrder: true);
    }

    [Fact]
    public void Codes_are_distinct_and_have_four_digits()
    {
        Codes().Select(code => code.Code).ShouldBeUnique();
        Codes().ShouldAllBe(code => code.Code.Length == 7 && code.Code.StartsWith("FUS") && code.Code.Count(char.IsAsciiDigit) == 4);
    }

    [Fact]
    public void A_known_place_stands_in_front_of_the_message()
    {
        var error = new GraphException(ErrorCodes.GraphSyntax, "what is wrong.", 3, 9);

        error.Message.ShouldBe("line 3, col 9: what is wrong.");
        (error.Line, error.Column, error.Code).ShouldBe((3, 9, "FUS1001"));
        new GraphException(ErrorCodes.GraphSyntax, "what is wrong.").Message.ShouldBe("what is wrong.");
    }

    private static List<(string Code, string Name)> Codes()
        => [.. typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => ((string)field.GetRawConstantValue()!, field.Name))];
}
