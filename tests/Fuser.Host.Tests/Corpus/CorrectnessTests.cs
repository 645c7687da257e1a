using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Corpus;

/// <summary>The judge is judged: a rule that accepts everything proves nothing.</summary>
public sealed class CorrectnessTests
{
    [Theory]
    [InlineData(1.0000001f, 1f, 1.0, true)] // one unit above
    [InlineData(1.0000005f, 1f, 1.0, true)] // four units
    [InlineData(1.0000007f, 1f, 1.0, false)] // six units
    [InlineData(1.00002f, 1.00001f, 1.0, true)] // twice as far as eager
    [InlineData(1.00005f, 1.00001f, 1.0, false)] // five times as far
    [InlineData(float.NaN, float.NaN, double.NaN, true)]
    [InlineData(0f, float.NaN, double.NaN, false)]
    [InlineData(float.NaN, 0f, 0.0, false)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity, 1e300, true)]
    [InlineData(float.NegativeInfinity, float.PositiveInfinity, 1e300, false)]
    [InlineData(3.4e38f, float.PositiveInfinity, 1e300, false)]
    [InlineData(3e38f, float.PositiveInfinity, 3e38, true)] // eager overflowed on the way
    public void Floats_are_judged_by_their_distance_to_float64(float value, float eager, double reference, bool right) =>
        (Correctness.FindFault([value], [eager], [reference], DType.Float32) is null).ShouldBe(right);

    [Fact]
    public void An_array_is_judged_by_its_largest_error()
    {
        // Both programs lose ten units somewhere.
        Correctness.FindFault([1.0000012f, 1f], [1f, 1.0000012f], [1.0, 1.0], DType.Float32).ShouldBeNull();
        Correctness.FindFault([1.0000012f, 1f], [1f, 1.0000001f], [1.0, 1.0], DType.Float32).ShouldNotBeNull();

        // A large element must not hide the error of a small one.
        Correctness.FindFault([1e6f, 1.001f], [1.0001e6f, 1f], [1e6, 1.0], DType.Float32).ShouldNotBeNull();
    }

    [Fact]
    public void Bits_tell_zeros_apart_and_nans_not()
    {
        var plus = NdArray.From([0f, float.NaN]);
        NdArray.From([0f, BitConverter.UInt32BitsToSingle(0xffc00001)]).ShouldHaveTheBitsOf(plus, "NaN");
        Should.Throw<ShouldAssertException>(() => NdArray.From([-0f, float.NaN]).ShouldHaveTheBitsOf(plus, "zero"));
        Should.Throw<ShouldAssertException>(() => NdArray.From([long.MaxValue]).ShouldHaveTheBitsOf(NdArray.From([long.MaxValue - 1]), "long"));
    }
}
