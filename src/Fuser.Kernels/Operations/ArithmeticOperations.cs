using System.ComponentModel;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;
using static Fuser.Kernels.Operations.TypeRules;

namespace Fuser.Kernels.Operations;

/// <summary>Sums, products and what is made of them. Division has its own table.</summary>
internal static class ArithmeticOperations
{
    public static readonly Operation[] Rows =
    [
        new("aten::add", "Operand self, Operand other, Number alpha=1", PromotedWithAlpha,
            c => c.Compute == DType.Bool ? c.B.Or(c[0], Scaled(c, c[1], 2)) : AddScaled(c, c[0], c[1], 2, negate: false),
            "self + alpha * other; floats round once, as eager's vector code does. Booleans: logical or."),
        new("aten::sub", "Operand self, Operand other, Number alpha=1", Subtraction,
            c => AddScaled(c, c[0], c[1], 2, negate: true),
            "self - alpha * other; floats round once. Not for booleans."),
        new("aten::rsub", "Operand self, Operand other, Number alpha=1", Subtraction,
            c => AddScaled(c, c[1], c[0], 2, negate: true),
            "other - alpha * self; floats round once. Not for booleans."),
        new("aten::mul", "Operand self, Operand other", Promoted,
            c => Product(c, c[0], c[1]),
            "self * other. Booleans: logical and."),
        new("aten::addcmul", "Tensor self, Tensor tensor1, Tensor tensor2, Number value=1", PromotedNumber,
            c => c.IsFloat ? c.B.Fma(Scaled(c, c[1], 3), c[2], c[0]) : c.B.Add(c[0], c.B.Mul(Scaled(c, c[1], 3), c[2])),
            "self + (value * tensor1) * tensor2; floats round the product in brackets and the result."),
        new("aten::addcdiv", "Tensor self, Tensor tensor1, Tensor tensor2, Number value=1", FloatQuotient,
            c => c.B.Add(c[0], c.B.Div(Scaled(c, c[1], 3), c[2])),
            "self + value * tensor1 / tensor2, from left to right, three roundings."),
        new("aten::lerp", "Tensor self, Tensor end, Operand weight", SameFloat, Lerp,
            "Between self (weight 0) and end (weight 1), both exactly: self + weight * (end - self) where |weight| < 0.5, else end - (end - self) * (1 - weight)."),
        new("aten::neg", "Tensor self", NumericSelf,
            c => c.B.Neg(c[0]),
            "-self."),
        new("aten::positive", "Tensor self", NumericSelf,
            c => c[0],
            "self."),
        new("aten::abs", "Tensor self", NumericSelf,
            c => c.B.Abs(c[0]),
            "|self|; the most negative integer stays itself."),
    ];

    [Description("As Promoted; a float alpha needs a float result.")]
    public static TypeResolution PromotedWithAlpha(OperandTypes types)
    {
        var dtype = types.PromoteOperands();
        return types[2].DType == DType.Float64 && !dtype.IsFloatingPoint()
            ? throw new GraphException(ErrorCodes.OperationArgument, $"{types.Operation.Kind} of {dtype.DisplayName()} got a float for alpha, wanted an int.")
            : new TypeResolution(dtype, dtype);
    }

    [Description("As Promoted, with no bool tensor among the operands; a float alpha needs a float result.")]
    public static TypeResolution Subtraction(OperandTypes types)
    {
        var isBool = types[0].DType == DType.Bool || types[1] is { IsTensor: true, DType: DType.Bool };
        return isBool
            ? throw new GraphException(
                ErrorCodes.UnsupportedDType,
                $"{types.Operation.Kind} got bool, wanted numbers. Use aten::logical_xor, or aten::logical_not to invert a mask.")
            : PromotedWithAlpha(types);
    }

    [Description("As Promoted; not for booleans, and tensor1 / tensor2 must come to a floating point type.")]
    public static TypeResolution FloatQuotient(OperandTypes types)
    {
        var quotient = types.Promote(1, 2);
        return quotient.IsFloatingPoint() ? PromotedNumber(types) : throw Unsupported(types, quotient, "a floating point tensor1 or tensor2");
    }

    /// <summary>One node of the graph rounds once: eager, too, adds a scaled operand with a fused multiply-add.</summary>
    private static IrValue AddScaled(MeaningContext c, IrValue term, IrValue scaled, int factor, bool negate)
    {
        if (!c.IsFloat || c.KnownNumber(factor) == 1)
        {
            var product = Scaled(c, scaled, factor);
            return negate ? c.B.Sub(term, product) : c.B.Add(term, product);
        }

        return c.B.Fma(negate ? c.B.Neg(c[factor]) : c[factor], scaled, term);
    }

    private static IrValue Product(MeaningContext c, IrValue a, IrValue b) => c.Compute == DType.Bool ? c.B.And(a, b) : c.B.Mul(a, b);

    /// <summary>factor * value; the usual factor 1 costs nothing and changes no bit.</summary>
    private static IrValue Scaled(MeaningContext c, IrValue value, int factor) =>
        c.KnownNumber(factor) is 1 ? value : Product(c, c[factor], value);

    private static IrValue Lerp(MeaningContext c)
    {
        var (b, start, end, weight) = (c.B, c[0], c[1], c[2]);
        var difference = b.Sub(end, start);
        return b.Select(
            b.Lt(b.Abs(weight), c.Number(0.5)),
            b.Add(start, b.Mul(weight, difference)),
            b.Sub(end, b.Mul(difference, b.Sub(c.Number(1), weight))));
    }
}
