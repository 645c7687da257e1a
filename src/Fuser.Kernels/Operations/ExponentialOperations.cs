using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Math;
using static Fuser.Kernels.Operations.TypeRules;

namespace Fuser.Kernels.Operations;

/// <summary>Exponentials, logarithms, error functions and the gamma function. Their measured errors stand in <c>docs/numerics.md</c>.</summary>
internal static class ExponentialOperations
{
    public static readonly Operation[] Rows =
    [
        new("aten::exp", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Exp(c.B, c[0]), "e^self."),
        new("aten::exp2", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Exp2(c.B, c[0]), "2^self."),
        new("aten::expm1", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Expm1(c.B, c[0]), "e^self - 1, exact to the last digits near 0."),
        new("aten::log", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Log(c.B, c[0]), "Natural logarithm; -inf for zeros, NaN below."),
        new("aten::log2", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Log2(c.B, c[0]), "Logarithm to the base 2."),
        new("aten::log10", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Log10(c.B, c[0]), "Logarithm to the base 10."),
        new("aten::log1p", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Log1p(c.B, c[0]), "log(1 + self), exact to the last digits near 0."),
        new("aten::erf", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Erf(c.B, c[0]), "The error function."),
        new("aten::erfc", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Erfc(c.B, c[0]), "1 - erf(self), exact to the last digits for large self."),
        new("aten::lgamma", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Lgamma(c.B, c[0]), "Logarithm of the absolute value of the gamma function."),
        new("aten::logaddexp", "Tensor self, Tensor other", PromotedFloat, LogSum, "log(e^self + e^other), without overflow."),
        new("aten::logaddexp2", "Tensor self, Tensor other", PromotedFloat, LogSum2, "log2(2^self + 2^other), without overflow."),
        new("aten::xlogy", "Operand self, Operand other", PromotedToFloat, c => TimesLog(c, ElementaryFunctions.Log), "self * log(other); 0 where self is 0, unless other is NaN."),
        new("aten::special_xlog1py", "Operand self, Operand other", PromotedToFloat, c => TimesLog(c, ElementaryFunctions.Log1p), "self * log(1 + other); 0 where self is 0, unless other is NaN."),
        new("aten::logit", "Tensor self, Number eps=None", PromotedToFloat, Logit, "log(x / (1 - x)) for x = self, or self clamped to [eps, 1 - eps]."),
    ];

    /// <summary>The 0 makes the logarithm of 1 +0, also where it comes from -0 beside -inf.</summary>
    private static IrValue LogSum(MeaningContext c) => c.B.Add(ElementaryFunctions.LogAddExp(c.B, c[0], c[1]), c.Number(0));

    /// <summary>The larger one plus what the smaller one adds, which depends on their distance; two equal infinities have none.</summary>
    private static IrValue LogSum2(MeaningContext c)
    {
        var (b, x, y) = (c.B, c[0], c[1]);
        var powerOfDistance = ElementaryFunctions.Exp2(b, b.Neg(b.Abs(b.Sub(x, y))));
        var added = b.Mul(ElementaryFunctions.Log1p(b, powerOfDistance), c.Number(1 / 0.69314718055994530942));
        var equalInfinities = b.And(b.Eq(x, y), b.Eq(b.Abs(x), b.Infinity(c.Type)));
        return b.Select(equalInfinities, x, b.Add(b.MaxSelect(x, y), added));
    }

    private static IrValue TimesLog(MeaningContext c, Func<IrBuilder, IrValue, IrValue> log)
    {
        var (b, x, y, zero) = (c.B, c[0], c[1], c.Number(0));
        var product = b.Select(b.Eq(x, zero), zero, b.Mul(x, log(b, y)));
        return b.Select(b.IsNaN(y), y, product);
    }

    private static IrValue Logit(MeaningContext c)
    {
        var (b, x, one) = (c.B, c[0], c.Number(1));
        if (c.Has(1))
        {
            x = SelectionOperations.Clamp(c, x, c[1], b.Sub(one, c[1]));
        }

        return ElementaryFunctions.Log(b, b.Div(x, b.Sub(one, x)));
    }
}
