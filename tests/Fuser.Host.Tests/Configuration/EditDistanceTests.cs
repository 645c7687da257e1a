using Fuser.Host.Configuration;

namespace Fuser.Host.Tests.Configuration;

public sealed class EditDistanceTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("abc", "abc", 0)]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("htpp", "http", 1)]
    [InlineData("queeu", "queue", 1)]
    public void Letters_inserted_removed_replaced_or_swapped_are_counted(string a, string b, int distance)
    {
        EditDistance.Between(a, b).ShouldBe(distance);
        EditDistance.Between(b, a).ShouldBe(distance);
    }

    [Fact]
    public void Only_a_near_name_is_suggested()
    {
        EditDistance.Nearest("limts", ["http", "limits", "node"]).ShouldBe("limits");
        EditDistance.Nearest("zzzzzz", ["http", "limits", "node"]).ShouldBeNull();
    }
}
