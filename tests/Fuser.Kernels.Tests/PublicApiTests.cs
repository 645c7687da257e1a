using Fuser.PublicApi;

namespace Fuser.Kernels.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_interface_is_the_one_in_git() => PublicApiBaseline.Compare(typeof(FuserException).Assembly).ShouldBeNull();

    [Fact]
    public void Members_are_printed_one_per_line() =>
        PublicApiBaseline.Print(typeof(FuserException).Assembly).ShouldContain("enum Fuser.Kernels.Tensors.DType\n  BFloat16 = 7\n  Bool = 0\n");
}
