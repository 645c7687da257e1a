namespace Fuser.Kernels.Tests.Errors;

public sealed class OutsideTextTests
{
    [Theory]
    [InlineData("plain, äöü, 漢字 and 🙂", "plain, äöü, 漢字 and 🙂")]
    [InlineData("\u001b[31mred\u0007", "\\u001b[31mred\\u0007")]
    [InlineData("a\nb\r\nc\rd", "a\\u000ab\\u000d\\u000ac\\u000dd")]
    [InlineData("\u009b1m\u0085", "\\u009b1m\\u0085")]
    [InlineData("a\u202eb\u200b\u2028c", "a\\u202eb\\u200b\\u2028c")]
    public void What_is_not_to_be_seen_is_written_as_its_code(string text, string shown) => OutsideText.Shown(text).ShouldBe(shown);

    [Fact]
    public void So_is_half_a_character() => OutsideText.Shown("\ud800x\udc00").ShouldBe("\\ud800x\\udc00");

    [Fact]
    public void Long_text_is_shortened() => OutsideText.Shown(new string('x', 100), 10).ShouldBe("xxxxxxxxxx...");

    [Fact]
    public void Every_error_is_cleaned_and_keeps_its_lines()
    {
        FuserException[] errors =
        [
            new GraphException(ErrorCodes.GraphSyntax, "one\ntwo\u001b[0m", 1, 2),
            new InputException(ErrorCodes.InputKind, "one\ntwo\u001b[0m"),
            new LaunchException(ErrorCodes.GraphRaised, "one\ntwo\u001b[0m"),
            new CompileException(ErrorCodes.CompileFailed, "one\ntwo\u001b[0m"),
        ];
        errors.ShouldAllBe(error => error.Message.EndsWith("one\ntwo\\u001b[0m"));
    }
}
