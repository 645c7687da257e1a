using Fuser.Compare.Protocol;

namespace Fuser.Compare.Tests.Protocol;

public sealed class MessageTests
{
    [Fact]
    public void A_message_survives_its_line()
    {
        var message = Message.Parse(Message.Of("check", "hand", "2", "101", "/tmp/a file").ToLine());
        message.Word.ShouldBe("check");
        message.Fields.ShouldBe(["hand", "2", "101", "/tmp/a file"]);
    }

    [Fact]
    public void Text_from_anywhere_stays_one_field_of_one_line()
    {
        var line = Message.Of(Message.Failed, "first line\nsecond\tline\r\nthird").ToLine();
        line.ShouldBe("failed\tfirst line / second line / third");
        Message.Parse(line).Reason.ShouldBe("first line / second line / third");
    }

    [Fact]
    public void An_empty_field_stays_a_field() => Message.Parse(Message.Of(Message.Ok, "", "1").ToLine()).Fields.ShouldBe(["", "1"]);

    [Fact]
    public void An_answer_that_does_not_say_why_is_quoted() => Message.Parse("nonsense").Reason.ShouldBe("the worker answered 'nonsense'");
}
