using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Routines;

/// <summary>beta * self + alpha * product where a factor is 0: what it stands before has no influence, not even by a NaN.</summary>
public sealed class ScaledProductTests
{
    private const string Numbers = "%zero : float = prim::Constant[value=0.](); %two : float = prim::Constant[value=2.]();";

    private static readonly NdArray Bad = NdArray.From([float.NaN, float.PositiveInfinity, 1, float.NegativeInfinity], 2, 2);

    [Theory]
    [InlineData("%y = aten::addmm(%self, %bad, %bad, %i1, %zero)", new[] { 1f, -0f, 1f, -0f })]
    [InlineData("%y = aten::addmm(%self, %bad, %bad, %two, %i0)", new[] { 2f, -0f, 2f, -0f })]
    [InlineData("%y = aten::addmm(%bad, %bad, %bad, %zero, %zero)", new[] { 0f, 0f, 0f, 0f })]
    [InlineData("%v = aten::select(%bad, %i0, %i0); %y = aten::addmv(%self, %bad, %v, %i1, %zero)", new[] { 1f, -0f })]
    [InlineData("%b3 = aten::unsqueeze(%bad, %i0); %y = aten::addbmm(%self, %b3, %b3, %i1, %zero)", new[] { 1f, -0f, 1f, -0f })]
    public void An_alpha_of_0_takes_the_product_away(string body, float[] wanted)
    {
        var y = Programs.Run(Programs.Text("self bad", $"{Numbers} {body}", "y"), NdArray.From([1f, -0f]), Bad)[0];
        y.ToArray<float>().Select(BitConverter.SingleToInt32Bits).ShouldBe(wanted.Select(BitConverter.SingleToInt32Bits));
    }

    /// <summary>Eager's loops over small batches multiply by it.</summary>
    [Fact]
    public void That_of_baddbmm_does_not() =>
        Programs.Run(Programs.Text("self bad", $"{Numbers} %b3 = aten::unsqueeze(%bad, %i0); %y = aten::baddbmm(%self, %b3, %b3, %i1, %zero)", "y"), NdArray.From([1f, 2f]), Bad)[0]
            .ToArray<float>().ShouldAllBe(value => float.IsNaN(value));

    [Fact]
    public void Shapes_are_checked_all_the_same() =>
        Should.Throw<GraphException>(() => Programs.Plan(Programs.Text("self bad", $"{Numbers} %y = aten::addmm(%self, %bad, %bad, %i1, %zero)", "y"), Programs.Range(3, 2), Bad))
            .Code.ShouldBe(ErrorCodes.BroadcastMismatch);
}
