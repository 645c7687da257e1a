using System.Reflection;
using System.Text.RegularExpressions;

namespace Fuser.Kernels.Tests.Errors;

public sealed partial class ErrorCodesTests
{
    [Fact]
    public void The_page_of_errors_has_a_row_for_every_code_and_no_other_rows()
    {
        var rows = Row().Matches(File.ReadAllText(Path.Combine(Graphs.Corpus.Root, "..", "..", "..", "docs", "errors.md")))
            .Select(match => (Code: match.Groups[1].Value, Name: match.Groups[2].Value));

        rows.ShouldBe(Codes(), ignoreOrder: true);
    }

    [Fact]
    public void Codes_are_distinct_and_have_four_digits()
    {
        Codes().Select(code => code.Code).ShouldBeUnique();
        Codes().ShouldAllBe(code => Regex.IsMatch(code.Code, "^FUS[1-79][0-9]{3}$"));
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

    [GeneratedRegex(@"^\| (FUS\d+) \| (\w+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
