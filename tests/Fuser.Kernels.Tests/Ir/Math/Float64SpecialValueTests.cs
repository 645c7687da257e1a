namespace Fuser.Kernels.Tests.Ir.Math;

/// <summary>Results that are exact by definition: C99 annex F, which PyTorch follows.</summary>
public sealed class Float64SpecialValueTests
{
    private const double Inf = double.PositiveInfinity;
    private const double NaN = double.NaN;
    private const double Tiny = double.Epsilon;
    private const double Max = double.MaxValue;

    public static TheoryData<string> UnaryFunctions { get; } = new(Float64Functions.UnaryNames);

    [Theory]
    [MemberData(nameof(UnaryFunctions))]
    public void NaN_in_is_NaN_out(string function) => Call(function, NaN).ShouldBe(NaN);

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
        foreach (var x in (double[])[0, -0.0, Tiny, -Tiny, 3 * Tiny, 1e-310, -1e-310, 2.2250738585072014e-308])
        {
            ShouldBeSame(Call(function, x), x, $"{function}({x:R})");
        }
    }

    [Theory]
    [InlineData("exp", 0, 1)]
    [InlineData("exp", -0.0, 1)]
    [InlineData("exp", -Inf, 0)]
    [InlineData("exp", Inf, Inf)]
    [InlineData("exp", Tiny, 1)]
    [InlineData("exp", 709.782712893384, 1.7976931348622732E+308)]
    [InlineData("exp", 709.7827128933841, Inf)]
    [InlineData("exp", -745.1332191019411, Tiny)]
    [InlineData("exp", -745.1332191019412, 0)]
    [InlineData("exp", Max, Inf)]
    [InlineData("exp", -Max, 0)]
    [InlineData("exp2", 1023.9999999999999, 1.7976931348621742E+308)]
    [InlineData("exp2", 1024, Inf)]
    [InlineData("exp2", -1075, 0)]
    [InlineData("exp2", -1074.9, Tiny)]
    [InlineData("exp2", -Inf, 0)]
    [InlineData("exp2", Inf, Inf)]
    [InlineData("expm1", -Inf, -1)]
    [InlineData("expm1", -38, -1)]
    [InlineData("expm1", -Max, -1)]
    [InlineData("expm1", Inf, Inf)]
    [InlineData("expm1", 709.7827128933841, Inf)]
    [InlineData("sigmoid", 0, 0.5)]
    [InlineData("sigmoid", Inf, 1)]
    [InlineData("sigmoid", -Inf, 0)]
    [InlineData("sigmoid", -746, 0)]
    [InlineData("sigmoid", -745.1332191019411, Tiny)]
    [InlineData("sigmoid", 40, 1)]
    [InlineData("log", 0, -Inf)]
    [InlineData("log", -0.0, -Inf)]
    [InlineData("log", -Tiny, NaN)]
    [InlineData("log", -Inf, NaN)]
    [InlineData("log", Inf, Inf)]
    [InlineData("log", 1, 0)]
    [InlineData("log2", -0.0, -Inf)]
    [InlineData("log2", -1, NaN)]
    [InlineData("log2", Inf, Inf)]
    [InlineData("log10", 0, -Inf)]
    [InlineData("log10", -1, NaN)]
    [InlineData("log10", Inf, Inf)]
    [InlineData("log1p", -1, -Inf)]
    [InlineData("log1p", -1.0000000000000002, NaN)]
    [InlineData("log1p", -Inf, NaN)]
    [InlineData("log1p", Inf, Inf)]
    [InlineData("sin", Inf, NaN)]
    [InlineData("sin", -Inf, NaN)]
    [InlineData("cos", Inf, NaN)]
    [InlineData("cos", 0, 1)]
    [InlineData("cos", -0.0, 1)]
    [InlineData("cos", Tiny, 1)]
    [InlineData("tan", Inf, NaN)]
    [InlineData("asin", 1, 1.5707963267948966)]
    [InlineData("asin", -1, -1.5707963267948966)]
    [InlineData("asin", 1.0000000000000002, NaN)]
    [InlineData("asin", -Inf, NaN)]
    [InlineData("acos", 1, 0)]
    [InlineData("acos", -1, 3.141592653589793)]
    [InlineData("acos", 0, 1.5707963267948966)]
    [InlineData("acos", -0.0, 1.5707963267948966)]
    [InlineData("acos", -1.0000000000000002, NaN)]
    [InlineData("acos", Inf, NaN)]
    [InlineData("atan", Inf, 1.5707963267948966)]
    [InlineData("atan", -Inf, -1.5707963267948966)]
    [InlineData("atan", Max, 1.5707963267948966)]
    [InlineData("atan", 1, 0.7853981633974483)]
    [InlineData("sinh", Inf, Inf)]
    [InlineData("sinh", -Inf, -Inf)]
    [InlineData("sinh", 710.4758600739439, 1.7976931348621744E+308)]
    [InlineData("sinh", 710.475860073944, Inf)]
    [InlineData("sinh", -Max, -Inf)]
    [InlineData("cosh", 0, 1)]
    [InlineData("cosh", -0.0, 1)]
    [InlineData("cosh", -Inf, Inf)]
    [InlineData("cosh", Max, Inf)]
    [InlineData("cosh", 710.475860073944, Inf)]
    [InlineData("tanh", Inf, 1)]
    [InlineData("tanh", -Inf, -1)]
    [InlineData("tanh", 19.1, 1)]
    [InlineData("asinh", Inf, Inf)]
    [InlineData("asinh", -Inf, -Inf)]
    [InlineData("acosh", 1, 0)]
    [InlineData("acosh", 0.9999999999999999, NaN)]
    [InlineData("acosh", -Inf, NaN)]
    [InlineData("acosh", Inf, Inf)]
    [InlineData("atanh", 1, Inf)]
    [InlineData("atanh", -1, -Inf)]
    [InlineData("atanh", 1.0000000000000002, NaN)]
    [InlineData("atanh", -Inf, NaN)]
    [InlineData("erf", 0, 0)]
    [InlineData("erf", -0.0, -0.0)]
    [InlineData("erf", Inf, 1)]
    [InlineData("erf", -Inf, -1)]
    [InlineData("erf", 6, 1)]
    [InlineData("erfc", 0, 1)]
    [InlineData("erfc", -0.0, 1)]
    [InlineData("erfc", Inf, 0)]
    [InlineData("erfc", -Inf, 2)]
    [InlineData("erfc", 27.3, 0)]
    [InlineData("erfc", -6, 2)]
    [InlineData("lgamma", 1, 0)]
    [InlineData("lgamma", 2, 0)]
    [InlineData("lgamma", 0, Inf)]
    [InlineData("lgamma", -0.0, Inf)]
    [InlineData("lgamma", -1, Inf)]
    [InlineData("lgamma", -27, Inf)]
    [InlineData("lgamma", -9007199254740992, Inf)]
    [InlineData("lgamma", -Max, Inf)]
    [InlineData("lgamma", Max, Inf)]
    [InlineData("lgamma", Inf, Inf)]
    [InlineData("lgamma", -Inf, Inf)]
    [InlineData("rsqrt", 4, 0.5)]
    [InlineData("rsqrt", 0, Inf)]
    [InlineData("rsqrt", -0.0, -Inf)]
    [InlineData("rsqrt", Inf, 0)]
    [InlineData("rsqrt", -1, NaN)]
    [InlineData("rsqrt", Tiny, 4.4989137945431964E+161)]
    public void A_special_operand_gives_the_exact_result(string function, double x, double expected) =>
        ShouldBeSame(Call(function, x), expected, $"{function}({x:R})");

    [Theory]
    [InlineData("pow", NaN, 0, 1)]
    [InlineData("pow", 1, NaN, 1)]
    [InlineData("pow", -1, NaN, NaN)]
    [InlineData("pow", NaN, 1, NaN)]
    [InlineData("pow", Inf, -0.0, 1)]
    [InlineData("pow", -1, Inf, 1)]
    [InlineData("pow", -1, -Inf, 1)]
    [InlineData("pow", 0.5, Inf, 0)]
    [InlineData("pow", -0.5, Inf, 0)]
    [InlineData("pow", 2, Inf, Inf)]
    [InlineData("pow", -2, Inf, Inf)]
    [InlineData("pow", 0.5, -Inf, Inf)]
    [InlineData("pow", 2, -Inf, 0)]
    [InlineData("pow", 0, 3, 0)]
    [InlineData("pow", -0.0, 3, -0.0)]
    [InlineData("pow", -0.0, 2, 0)]
    [InlineData("pow", -0.0, 0.5, 0)]
    [InlineData("pow", -0.0, -3, -Inf)]
    [InlineData("pow", -0.0, -2, Inf)]
    [InlineData("pow", -0.0, -0.5, Inf)]
    [InlineData("pow", 0, -1, Inf)]
    [InlineData("pow", -Inf, 3, -Inf)]
    [InlineData("pow", -Inf, 2, Inf)]
    [InlineData("pow", -Inf, 0.5, Inf)]
    [InlineData("pow", -Inf, -3, -0.0)]
    [InlineData("pow", -Inf, -2.5, 0)]
    [InlineData("pow", Inf, Tiny, Inf)]
    [InlineData("pow", Inf, -Tiny, 0)]
    [InlineData("pow", -8, 0.3333333333333333, NaN)]
    [InlineData("pow", -2, 3, -8)]
    [InlineData("pow", -2, -1074, Tiny)]
    [InlineData("pow", -2, -1073, -2 * Tiny)]
    [InlineData("pow", 2, 1024, Inf)]
    [InlineData("pow", -2, 1025, -Inf)]
    [InlineData("pow", 2, -1076, 0)]
    [InlineData("pow", -1, 9007199254740991, -1)]
    [InlineData("pow", -1, 9007199254740992, 1)]
    [InlineData("pow", Tiny, 1, Tiny)]
    [InlineData("pow", Max, 1, Max)]
    [InlineData("hypot", 3, -4, 5)]
    [InlineData("hypot", Inf, NaN, Inf)]
    [InlineData("hypot", NaN, -Inf, Inf)]
    [InlineData("hypot", NaN, 1, NaN)]
    [InlineData("hypot", -0.0, 0, 0)]
    [InlineData("hypot", Max, Max, Inf)]
    [InlineData("hypot", Max, 1, Max)]
    [InlineData("hypot", Tiny, 0, Tiny)]
    [InlineData("hypot", 3 * Tiny, 4 * Tiny, 5 * Tiny)]
    [InlineData("atan2", 0, 1, 0)]
    [InlineData("atan2", -0.0, 1, -0.0)]
    [InlineData("atan2", 0, -1, 3.141592653589793)]
    [InlineData("atan2", -0.0, -1, -3.141592653589793)]
    [InlineData("atan2", 0, 0, 0)]
    [InlineData("atan2", -0.0, 0, -0.0)]
    [InlineData("atan2", 0, -0.0, 3.141592653589793)]
    [InlineData("atan2", -0.0, -0.0, -3.141592653589793)]
    [InlineData("atan2", 1, 0, 1.5707963267948966)]
    [InlineData("atan2", -1, -0.0, -1.5707963267948966)]
    [InlineData("atan2", Inf, Inf, 0.7853981633974483)]
    [InlineData("atan2", -Inf, Inf, -0.7853981633974483)]
    [InlineData("atan2", Inf, -Inf, 2.356194490192345)]
    [InlineData("atan2", Inf, 1, 1.5707963267948966)]
    [InlineData("atan2", -Inf, -Max, -1.5707963267948966)]
    [InlineData("atan2", 1, Inf, 0)]
    [InlineData("atan2", -1, Inf, -0.0)]
    [InlineData("atan2", Max, -Inf, 3.141592653589793)]
    [InlineData("atan2", NaN, Inf, NaN)]
    [InlineData("atan2", Inf, NaN, NaN)]
    [InlineData("atan2", Tiny, Max, 0)]
    [InlineData("atan2", Tiny, 1, Tiny)]
    [InlineData("atan2", Max, Tiny, 1.5707963267948966)]
    [InlineData("logaddexp", 0, 0, 0.6931471805599453)]
    [InlineData("logaddexp", Inf, Inf, Inf)]
    [InlineData("logaddexp", Inf, -Inf, Inf)]
    [InlineData("logaddexp", -Inf, -Inf, -Inf)]
    [InlineData("logaddexp", -Inf, 3, 3)]
    [InlineData("logaddexp", 3, Inf, Inf)]
    [InlineData("logaddexp", NaN, Inf, NaN)]
    [InlineData("logaddexp", -Inf, NaN, NaN)]
    [InlineData("logaddexp", Max, -Max, Max)]
    [InlineData("logaddexp", 0, -745, Tiny)]
    [InlineData("logaddexp", -746, 0, 0)]
    [InlineData("logaddexp", Tiny, -745, 2 * Tiny)]
    public void Special_operands_give_the_exact_result(string function, double x, double y, double expected) =>
        ShouldBeSame(Call(function, x, y), expected, $"{function}({x:R}, {y:R})");

    [Fact]
    public void Powers_of_two_and_ten_are_exact()
    {
        double[] exponents = [.. Enumerable.Range(-1074, 2098).Select(k => (double)k)];
        double[] powers = [.. exponents.Select(k => double.ScaleB(1, (int)k))];
        Float64Functions.Interpret("log2", powers).ShouldBe(exponents);
        Float64Functions.Interpret("exp2", exponents).ShouldBe(powers);

        double[] tens = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22];
        Float64Functions.Interpret("log10", tens).ShouldBe([.. Enumerable.Range(0, tens.Length).Select(k => (double)k)]);
    }

    [Fact]
    public void Integer_powers_that_are_representable_are_exact()
    {
        for (var number = 2; number < 60; number++)
        {
            for (var (exponent, power) = (1, (long)number); power < 1L << 53; exponent++, power *= number)
            {
                Call("pow", -number, exponent).ShouldBe(exponent % 2 == 0 ? power : -(double)power);
            }
        }
    }

    private static double Call(string function, params double[] arguments) =>
        Float64Functions.Interpret(function, [.. arguments.Select(argument => new[] { argument })])[0];

    /// <summary>Equal with the sign of zero; any NaN equals any NaN.</summary>
    private static void ShouldBeSame(double actual, double expected, string call) =>
        (double.IsNaN(expected) ? double.IsNaN(actual) : BitConverter.DoubleToInt64Bits(actual) == BitConverter.DoubleToInt64Bits(expected))
            .ShouldBeTrue($"{call} gave {actual:R}, not {expected:R}");
}
