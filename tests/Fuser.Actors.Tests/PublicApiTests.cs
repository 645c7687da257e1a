using Fuser.PublicApi;

namespace Fuser.Actors.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_interface_is_the_one_in_git() => PublicApiBaseline.Compare(typeof(IFuser).Assembly).ShouldBeNull();
}
