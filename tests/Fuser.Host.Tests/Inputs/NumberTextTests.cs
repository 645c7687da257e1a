using Fuser.Host.Inputs;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Inputs;

public sealed class NumberTextTests
{
    [Theory]
    [InlineData("3", FuserValueKind.Integer, 3)]
    [InlineData("-3", FuserValueKind.Integer, -3)]
    [InlineData("+3", FuserValueKind.Integer, 3)]
    [InlineData("9223372036854775807", FuserValueKind.Integer, 9.2233720368547758e18)]
    [InlineData("3.0", FuserValueKind.Float, 3)]
    [InlineData("2.5", FuserValueKind.Float, 2.5)]
    [InlineData("-.5", FuserValueKind.Float, -0.5)]
    [InlineData("1e-3", FuserValueKind.Float, 1e-3)]
    [InlineData("inf", FuserValueKind.Float, double.PositiveInfinity)]
    [InlineData("-inf", FuserValueKind.Float, double.NegativeInfinity)]
    [InlineData("nan", FuserValueKind.Float, double.NaN)]
    [InlineData("true", FuserValueKind.Boolean, 1)]
    [InlineData("False", FuserValueKind.Boolean, 0)]
    public void Numbers_keep_the_kind_they_are_written_with(string text, FuserValueKind kind, double value)
    {
        NumberText.TryParse(text, out var number).ShouldBeTrue();
        number!.Value.Kind.ShouldBe(kind);
        number.Value.Float.ShouldBe(value);
    }

    [Theory]
    [InlineData("x.npy")]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1.npy")]
    [InlineData("1,5")]
    [InlineData("1 5")]
    [InlineData("0x10")]
    [InlineData("f32[3]")]
    [InlineData("--1")]
    [InlineData("infinity.npy")]
    public void Anything_else_is_a_file_name(string text) => NumberText.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Minus_zero_stays_minus_zero()
    {
        NumberText.TryParse("-0.0", out var number).ShouldBeTrue();
        double.IsNegative(number!.Value.Float).ShouldBeTrue();
    }

    [Fact]
    public void An_integer_beyond_64_bits_is_refused_instead_of_rounded() =>
        Should.Throw<InputException>(() => NumberText.TryParse("9223372036854775808", out _)).Message.ShouldContain("64 bits");
}
