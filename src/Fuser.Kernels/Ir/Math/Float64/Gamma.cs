using static Fuser.Kernels.Ir.Math.Float64.F64;

namespace Fuser.Kernels.Ir.Math.Float64;

/// <summary>log(|gamma(x)|).</summary>
internal static class Gamma
{
    private static readonly double TwoToMinus500 = BitConverter.UInt64BitsToDouble(0x20B0000000000000);
    private static readonly double TwoTo600 = BitConverter.UInt64BitsToDouble(0x6570000000000000);

    /// <summary>log(2 pi)/2 - 1/2 in two parts.</summary>
    private static readonly double ConstantHigh = BitConverter.UInt64BitsToDouble(0x3FDACFE390C97D69);
    private static readonly double ConstantLow = BitConverter.UInt64BitsToDouble(0x3C73494BC9001442);

    /// <summary>Where lgamma reaches 2^1024.</summary>
    private static readonly double Overflow = BitConverter.UInt64BitsToDouble(0x7F5754D9278B51A7);

    /// <summary>lgamma(2 + v) / v on |v| up to 1/2, minimax; error of lgamma 2^-61.9.</summary>
    private static ReadOnlySpan<ulong> AroundTwo =>
    [
        0x3FDB0EE6072093CE, 0x3FD4A34CC4A60FA7, 0xBFB13E001A55760C, 0x3F951322AC7D7FC5, 0xBF7E404FC218CBAF, 0x3F67ADD6EAE5CFF5,
        0xBF538AC5C2DEFDB7, 0x3F40B36AF33945AD, 0xBF2D3FD4AFA5A13F, 0x3F1A127DD5F51E9B, 0xBF078DEAE9F49CFB, 0x3EF5806D05A4BEFB,
        0xBEE3CB19E2AB67AE, 0x3ED2641209D2A055, 0xBEC1298B81787F9A, 0x3EAEDEA52DA8DACB, 0xBE9CBD43B72775A7, 0x3E92B5C33EA12499,
        0xBE8241285D25BDE8,
    ];

    /// <summary>What the first two coefficients above lack.</summary>
    private static readonly double AroundTwoLow0 = BitConverter.UInt64BitsToDouble(0x3C5741C045E316F0);
    private static readonly double AroundTwoLow1 = BitConverter.UInt64BitsToDouble(0xBC7A283426717CCA);

    /// <summary>y (lgamma(y) - Stirling's leading terms) in z = 1/y^2 from y = 2.5 on, minimax (the asymptotic series diverges there); error of lgamma 2^-62.7.</summary>
    private static ReadOnlySpan<ulong> Stirling =>
    [
        0x3FB5555555555555, 0xBF66C16C16C13D91, 0x3F4A01A0190ED1DE, 0xBF4381377E315485, 0x3F4B94E976F36829, 0xBF5F64B99835723E,
        0x3F7A06081FDA2A8F, 0xBF9C90FD4A4B6776, 0x3FC24B1EF015582C, 0xBFE7947619586EF6, 0x400ACA475AD470C4, 0xC0281BD5A9FC4957,
        0x403F1677782D83FD, 0xC0491572D53B4B6D, 0x4042D9CD2BBF6882,
    ];

    /// <summary>(sin(pi f)/(pi f) - 1) / f^2 in z = f^2, |f| up to 1/2, minimax; error 2^-68.2.</summary>
    private static ReadOnlySpan<ulong> SinPiTail =>
    [
        0xBFFA51A6625307D3, 0x3FE9F9CB402BC46C, 0xBFC86A8E4720DB0D, 0x3F9AC6805CF2FEB5, 0xBF633816AA1EF3AF, 0x3F2374718A3A33B8,
        0xBEDD423B9130C095, 0x3E90F9EF0AF61E63, 0xBE3E48A58C76FA62,
    ];

    private static readonly double SinPiLow0 = BitConverter.UInt64BitsToDouble(0xBC8178899E6545BC);

    /// <summary>
    /// One term (weight times a logarithm) plus one polynomial, by |x|: up to 1/2 lgamma(2 + x) - log|x (1 + x)|, up to 1.5 lgamma(2 + (y - 1)) - log y,
    /// up to 2.5 lgamma(2 + (y - 2)), then Stirling's (y - 1/2)(log y - 1) + c + p(1/y). Below -1/2 by reflection. All in double-double: 1 ulp for
    /// positive x and down to -1/2; below, where terms cancel near the zeros, 1 ulp or 2^-56 (1 + |x| log(1 + |x|)).
    /// </summary>
    public static IrValue Lgamma(IrBuilder b, IrValue value)
    {
        var x = new F64(b, value);
        var y = Abs(x);
        var upToHalf = y < 0.5;
        var upToOneAndHalf = y < 1.5;
        var series = y < 2.5;

        var log = LogTerm(x, y, upToHalf);
        var beforeStirling = y - 0.5;
        var weight = Select(upToOneAndHalf, -1, Select(series, 0, beforeStirling));
        var weightLow = Select(series, 0, (y - beforeStirling) - 0.5);
        var factor = DoubleDouble.Sum(log.High, Select(series, 0, -1));
        var factorLow = factor.Low + log.Low;
        var term = weight * factor.High;
        var termLow = Fma(weight, factor.High, -term) + Fma(weight, factorLow, weightLow * factor.High);

        var near = SeriesAroundTwo(Select(upToHalf, x, Select(upToOneAndHalf, y - 1, y - 2)));
        var inverse = 1 / y;
        var stirling = inverse * Polynomial(Stirling, inverse * inverse);
        var positive = DoubleDouble.Sum(term, Select(series, near.High, ConstantHigh));
        var positiveLow = positive.Low + (termLow + Select(series, near.Low, stirling + ConstantLow));

        // Both infinities and 0 give infinity, the negative integers (every float64 from 2^52 on is one) too.
        var reflect = x <= -0.5;
        var offset = Abs(y - Round(y));
        var sine = LogOfSine(y, offset);
        var sum = DoubleDouble.Sum(sine.High, positive.High);
        var result = Select(reflect, -(sum.High + (sum.Low + (sine.Low + positiveLow))), positive.High + positiveLow);
        var infinite = (reflect & Same(offset, 0)) | Same(y, 0) | Same(y, double.PositiveInfinity) | (Overflow < x);
        return Select(infinite, double.PositiveInfinity, result).Value;
    }

    /// <summary>log|x (1 + x)| up to 1/2, log y above. Tiny x is scaled up: the logarithm wants a normal number.</summary>
    private static DoubleDouble LogTerm(F64 x, F64 y, Truth upToHalf)
    {
        var tiny = y < TwoToMinus500;
        var scaled = Select(tiny, x * TwoTo600, x);
        var one = DoubleDouble.OrderedSum(1, x);
        var product = DoubleDouble.Product(one.High, one.Low, scaled);
        var argument = new DoubleDouble(Select(upToHalf, Abs(product.High), y), Select(upToHalf, FlipSign(product.Low, x), 0));
        var (k, log) = Logarithm.LogParts(argument);
        return Logarithm.PreciseSum(k - Select(tiny, 600, 0), log);
    }

    /// <summary>lgamma(2 + v): the two leading coefficients in double-double, because the result is small and cancels with the logarithm.</summary>
    private static DoubleDouble SeriesAroundTwo(F64 v)
    {
        var inner = DoubleDouble.OrderedSum(BitConverter.UInt64BitsToDouble(AroundTwo[1]), v * Polynomial(AroundTwo[2..], v));
        var product = DoubleDouble.Product(inner.High, inner.Low + AroundTwoLow1, v);
        var outer = DoubleDouble.OrderedSum(BitConverter.UInt64BitsToDouble(AroundTwo[0]), product.High);
        return DoubleDouble.Product(outer.High, outer.Low + (product.Low + AroundTwoLow0), v);
    }

    /// <summary>log(y |sin(pi y)| / pi): what the reflection formula subtracts, with sin(pi y) of the distance to the nearest integer.</summary>
    private static DoubleDouble LogOfSine(F64 y, F64 offset)
    {
        var square = DoubleDouble.Product(offset, offset);
        var inner = DoubleDouble.OrderedSum(BitConverter.UInt64BitsToDouble(SinPiTail[0]), square.High * Polynomial(SinPiTail[1..], square.High));
        var product = square.High * inner.High;
        var productLow = Fma(square.High, inner.High, -product) + Fma(square.High, inner.Low + SinPiLow0, square.Low * inner.High);
        var one = DoubleDouble.OrderedSum(1, product);
        var scale = DoubleDouble.Product(y, offset);
        var argument = scale.High * one.High;
        var argumentLow = Fma(scale.High, one.High, -argument) + Fma(scale.High, one.Low + productLow, scale.Low * one.High);
        var (k, log) = Logarithm.LogParts(new DoubleDouble(argument, argumentLow));
        return Logarithm.PreciseSum(k, log);
    }
}
