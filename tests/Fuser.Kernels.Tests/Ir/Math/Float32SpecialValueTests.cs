using Fuser.Kernels.Targets.Interpreter;
using Fuser.Numerics;

namespace Fuser.Kernels.Tests.Ir.Math;

/// <summary>Results that are exact by definition: C99 annex F, which PyTorch follows; and the edges of overflow and underflow.</summary>
public sealed class Float32SpecialValueTests
{
    private const float Inf = float.PositiveInfinity;
    private const float NaN = float.NaN;
    private const float Tiny = float.Epsilon;
    private const float Max = float.MaxValue;

    public static TheoryData<string> UnaryFunctions { get; } = new(Float32Functions.All.Where(function => function.Arity == 1).Select(function => function.Name));

    [Theory]
    [MemberData(nameof(UnaryFunctions))]
    public void NaN_in_is_NaN_out(string function)
    {
        foreach (var bits in (uint[])[0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, 0x7fffffff, 0xffffffff, 0x7fc001ff])
        {
            ShouldBeSame(Call(function, BitConverter.UInt32BitsToSingle(bits)), NaN, $"{function}(NaN {bits:x8})");
        }
    }

    /// <summary>Odd functions that are x to first order: -0 and subnormals are their own results.</summary>
    [Theory]
    [InlineData("expm1")]
    [InlineData("log1p")]
    [InlineData("sin")]
    [InlineData("tan")]
    [InlineData("asin")]
    [InlineData("atan")]
    [InlineData("sinh")]
    [InlineData("tanh")]
    [InlineData("asinh")]
    [InlineData("atanh")]
    public void Zeros_and_subnormals_pass_through(string function)
    {
        foreach (var x in (float[])[0, -0.0f, Tiny, -Tiny, 3 * Tiny, 1e-40f, -1e-40f, 1.1754944E-38f])
        {
            ShouldBeSame(Call(function, x), x, $"{function}({x:R})");
        }
    }

    [Theory]
    [InlineData("exp", 0, 1)]
    [InlineData("exp", -0.0f, 1)]
    [InlineData("exp", -Inf, 0)]
    [InlineData("exp", Inf, Inf)]
    [InlineData("exp", Tiny, 1)]
    [InlineData("exp", 88.72284f, Inf)]
    [InlineData("exp", -103.2f, Tiny)]
    [InlineData("exp", -103.98f, 0)]
    [InlineData("exp", Max, Inf)]
    [InlineData("exp", -Max, 0)]
    [InlineData("exp2", 0, 1)]
    [InlineData("exp2", 128, Inf)]
    [InlineData("exp2", -149, Tiny)]
    [InlineData("exp2", -150.1f, 0)]
    [InlineData("exp2", -Inf, 0)]
    [InlineData("exp2", Inf, Inf)]
    [InlineData("expm1", -Inf, -1)]
    [InlineData("expm1", -18, -1)]
    [InlineData("expm1", -Max, -1)]
    [InlineData("expm1", Inf, Inf)]
    [InlineData("expm1", 88.72284f, Inf)]
    [InlineData("sigmoid", 0, 0.5f)]
    [InlineData("sigmoid", -0.0f, 0.5f)]
    [InlineData("sigmoid", Inf, 1)]
    [InlineData("sigmoid", -Inf, 0)]
    [InlineData("sigmoid", -Max, 0)]
    [InlineData("sigmoid", -105, 0)]
    [InlineData("sigmoid", -103.2f, Tiny)]
    [InlineData("sigmoid", 18, 1)]
    [InlineData("log", 0, -Inf)]
    [InlineData("log", -0.0f, -Inf)]
    [InlineData("log", -Tiny, NaN)]
    [InlineData("log", -Inf, NaN)]
    [InlineData("log", Inf, Inf)]
    [InlineData("log", 1, 0)]
    [InlineData("log2", 1, 0)]
    [InlineData("log2", -0.0f, -Inf)]
    [InlineData("log2", -1, NaN)]
    [InlineData("log2", Inf, Inf)]
    [InlineData("log10", 1, 0)]
    [InlineData("log10", 0, -Inf)]
    [InlineData("log10", -1, NaN)]
    [InlineData("log10", Inf, Inf)]
    [InlineData("log1p", -1, -Inf)]
    [InlineData("log1p", -1.0000001f, NaN)]
    [InlineData("log1p", -Inf, NaN)]
    [InlineData("log1p", Inf, Inf)]
    [InlineData("sin", Inf, NaN)]
    [InlineData("sin", -Inf, NaN)]
    [InlineData("cos", Inf, NaN)]
    [InlineData("cos", 0, 1)]
    [InlineData("cos", -0.0f, 1)]
    [InlineData("cos", Tiny, 1)]
    [InlineData("tan", Inf, NaN)]
    [InlineData("asin", 1, 1.5707964f)]
    [InlineData("asin", -1, -1.5707964f)]
    [InlineData("asin", 1.0000001f, NaN)]
    [InlineData("asin", -Inf, NaN)]
    [InlineData("acos", 1, 0)]
    [InlineData("acos", -1, 3.1415927f)]
    [InlineData("acos", 0, 1.5707964f)]
    [InlineData("acos", -0.0f, 1.5707964f)]
    [InlineData("acos", -1.0000001f, NaN)]
    [InlineData("acos", Inf, NaN)]
    [InlineData("atan", Inf, 1.5707964f)]
    [InlineData("atan", -Inf, -1.5707964f)]
    [InlineData("atan", Max, 1.5707964f)]
    [InlineData("atan", 1, 0.7853982f)]
    [InlineData("sinh", Inf, Inf)]
    [InlineData("sinh", -Inf, -Inf)]
    [InlineData("sinh", 89.42f, Inf)]
    [InlineData("sinh", -Max, -Inf)]
    [InlineData("cosh", 0, 1)]
    [InlineData("cosh", -0.0f, 1)]
    [InlineData("cosh", -Inf, Inf)]
    [InlineData("cosh", Max, Inf)]
    [InlineData("cosh", -89.42f, Inf)]
    [InlineData("tanh", Inf, 1)]
    [InlineData("tanh", -Inf, -1)]
    [InlineData("tanh", 9.1f, 1)]
    [InlineData("asinh", Inf, Inf)]
    [InlineData("asinh", -Inf, -Inf)]
    [InlineData("acosh", 1, 0)]
    [InlineData("acosh", 0.99999994f, NaN)]
    [InlineData("acosh", -Inf, NaN)]
    [InlineData("acosh", Inf, Inf)]
    [InlineData("atanh", 1, Inf)]
    [InlineData("atanh", -1, -Inf)]
    [InlineData("atanh", 1.0000001f, NaN)]
    [InlineData("atanh", -Inf, NaN)]
    [InlineData("erf", 0, 0)]
    [InlineData("erf", -0.0f, -0.0f)]
    [InlineData("erf", Inf, 1)]
    [InlineData("erf", -Inf, -1)]
    [InlineData("erf", 4, 1)]
    [InlineData("erfc", 0, 1)]
    [InlineData("erfc", -0.0f, 1)]
    [InlineData("erfc", Inf, 0)]
    [InlineData("erfc", -Inf, 2)]
    [InlineData("erfc", 10.2f, 0)]
    [InlineData("erfc", -4, 2)]
    [InlineData("lgamma", 1, 0)]
    [InlineData("lgamma", 2, 0)]
    [InlineData("lgamma", 0, Inf)]
    [InlineData("lgamma", -0.0f, Inf)]
    [InlineData("lgamma", -1, Inf)]
    [InlineData("lgamma", -27, Inf)]
    [InlineData("lgamma", -16777216, Inf)]
    [InlineData("lgamma", -Max, Inf)]
    [InlineData("lgamma", Max, Inf)]
    [InlineData("lgamma", Inf, Inf)]
    [InlineData("lgamma", -Inf, Inf)]
    [InlineData("rsqrt", 4, 0.5f)]
    [InlineData("rsqrt", 0, Inf)]
    [InlineData("rsqrt", -0.0f, -Inf)]
    [InlineData("rsqrt", Inf, 0)]
    [InlineData("rsqrt", -1, NaN)]
    [InlineData("rsqrt", 2 * Tiny, 1.8889466E+22f)]
    public void A_special_operand_gives_the_exact_result(string function, float x, float expected) =>
        ShouldBeSame(Call(function, x), expected, $"{function}({x:R})");

    [Theory]
    [InlineData("pow", NaN, 0, 1)]
    [InlineData("pow", 1, NaN, 1)]
    [InlineData("pow", -1, NaN, NaN)]
    [InlineData("pow", NaN, 1, NaN)]
    [InlineData("pow", Inf, -0.0f, 1)]
    [InlineData("pow", -1, Inf, 1)]
    [InlineData("pow", -1, -Inf, 1)]
    [InlineData("pow", 0.5f, Inf, 0)]
    [InlineData("pow", -0.5f, Inf, 0)]
    [InlineData("pow", 2, Inf, Inf)]
    [InlineData("pow", -2, Inf, Inf)]
    [InlineData("pow", 0.5f, -Inf, Inf)]
    [InlineData("pow", 2, -Inf, 0)]
    [InlineData("pow", 0, 3, 0)]
    [InlineData("pow", -0.0f, 3, -0.0f)]
    [InlineData("pow", -0.0f, 2, 0)]
    [InlineData("pow", -0.0f, 0.5f, 0)]
    [InlineData("pow", -0.0f, -3, -Inf)]
    [InlineData("pow", -0.0f, -2, Inf)]
    [InlineData("pow", -0.0f, -0.5f, Inf)]
    [InlineData("pow", 0, -1, Inf)]
    [InlineData("pow", -Inf, 3, -Inf)]
    [InlineData("pow", -Inf, 2, Inf)]
    [InlineData("pow", -Inf, 0.5f, Inf)]
    [InlineData("pow", -Inf, -3, -0.0f)]
    [InlineData("pow", -Inf, -2.5f, 0)]
    [InlineData("pow", Inf, Tiny, Inf)]
    [InlineData("pow", Inf, -Tiny, 0)]
    [InlineData("pow", -8, 0.33333334f, NaN)]
    [InlineData("pow", -2, 3, -8)]
    [InlineData("pow", -2, -149, -Tiny)]
    [InlineData("pow", -2, -148, 2 * Tiny)]
    [InlineData("pow", 2, 128, Inf)]
    [InlineData("pow", -2, 129, -Inf)]
    [InlineData("pow", 2, -151, 0)]
    [InlineData("pow", -1, 16777215, -1)]
    [InlineData("pow", -1, 16777216, 1)]
    [InlineData("pow", Tiny, 1, Tiny)]
    [InlineData("pow", Max, 1, Max)]
    [InlineData("hypot", 3, -4, 5)]
    [InlineData("hypot", Inf, NaN, Inf)]
    [InlineData("hypot", NaN, -Inf, Inf)]
    [InlineData("hypot", NaN, 1, NaN)]
    [InlineData("hypot", -0.0f, 0, 0)]
    [InlineData("hypot", Max, Max, Inf)]
    [InlineData("hypot", Max, 1, Max)]
    [InlineData("hypot", Tiny, 0, Tiny)]
    [InlineData("hypot", 3 * Tiny, 4 * Tiny, 5 * Tiny)]
    [InlineData("atan2", 0, 1, 0)]
    [InlineData("atan2", -0.0f, 1, -0.0f)]
    [InlineData("atan2", 0, -1, 3.1415927f)]
    [InlineData("atan2", -0.0f, -1, -3.1415927f)]
    [InlineData("atan2", 0, 0, 0)]
    [InlineData("atan2", -0.0f, 0, -0.0f)]
    [InlineData("atan2", 0, -0.0f, 3.1415927f)]
    [InlineData("atan2", -0.0f, -0.0f, -3.1415927f)]
    [InlineData("atan2", 1, 0, 1.5707964f)]
    [InlineData("atan2", -1, -0.0f, -1.5707964f)]
    [InlineData("atan2", Inf, Inf, 0.7853982f)]
    [InlineData("atan2", -Inf, Inf, -0.7853982f)]
    [InlineData("atan2", Inf, -Inf, 2.3561945f)]
    [InlineData("atan2", Inf, 1, 1.5707964f)]
    [InlineData("atan2", -Inf, -Max, -1.5707964f)]
    [InlineData("atan2", 1, Inf, 0)]
    [InlineData("atan2", -1, Inf, -0.0f)]
    [InlineData("atan2", Max, -Inf, 3.1415927f)]
    [InlineData("atan2", NaN, Inf, NaN)]
    [InlineData("atan2", Inf, NaN, NaN)]
    [InlineData("atan2", Tiny, Max, 0)]
    [InlineData("atan2", Tiny, 1, Tiny)]
    [InlineData("atan2", Max, Tiny, 1.5707964f)]
    [InlineData("logaddexp", 0, 0, 0.6931472f)]
    [InlineData("logaddexp", Inf, Inf, Inf)]
    [InlineData("logaddexp", Inf, -Inf, Inf)]
    [InlineData("logaddexp", -Inf, -Inf, -Inf)]
    [InlineData("logaddexp", -Inf, 3, 3)]
    [InlineData("logaddexp", 3, Inf, Inf)]
    [InlineData("logaddexp", NaN, Inf, NaN)]
    [InlineData("logaddexp", -Inf, NaN, NaN)]
    [InlineData("logaddexp", Max, -Max, Max)]
    [InlineData("logaddexp", 0, -103, Tiny)]
    [InlineData("logaddexp", -105, 0, 0)]
    [InlineData("logaddexp", Tiny, -103, 2 * Tiny)]
    public void Special_operands_give_the_exact_result(string function, float x, float y, float expected) =>
        ShouldBeSame(Call(function, x, y), expected, $"{function}({x:R}, {y:R})");

    [Fact]
    public void Powers_of_two_and_ten_are_exact()
    {
        for (var k = -149; k < 128; k++)
        {
            Call("log2", float.ScaleB(1, k)).ShouldBe(k);
            Call("exp2", k).ShouldBe(float.ScaleB(1, k));
        }

        for (var (k, power) = (0, 1f); k <= 10; k++, power *= 10)
        {
            Call("log10", power).ShouldBe(k);
        }
    }

    [Fact]
    public void Integer_powers_that_are_representable_are_exact()
    {
        for (var number = 2; number < 60; number++)
        {
            for (var (exponent, power) = (1, (long)number); power < 1L << 24; exponent++, power *= number)
            {
                Call("pow", -number, exponent).ShouldBe(exponent % 2 == 0 ? power : -(float)power);
            }
        }
    }

    private static float Call(string name, float x, float y = 0)
    {
        var function = Float32Functions.Find(name)!;
        var result = new float[1];
        function.Run<float>(InterpreterTarget.Instance.Compile(function.Kernel()), [x], [y], result);
        return result[0];
    }

    /// <summary>Equal with the sign of zero; any NaN equals any NaN.</summary>
    private static void ShouldBeSame(float actual, float expected, string call) =>
        (float.IsNaN(expected) ? float.IsNaN(actual) : BitConverter.SingleToInt32Bits(actual) == BitConverter.SingleToInt32Bits(expected))
            .ShouldBeTrue($"{call} gave {actual:R}, not {expected:R}");
}
