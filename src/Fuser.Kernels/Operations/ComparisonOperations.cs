using Fuser.Kernels.Ir;
using static Fuser.Kernels.Operations.TypeRules;

namespace Fuser.Kernels.Operations;

/// <summary>Comparisons, and tests of the value of a number.</summary>
internal static class ComparisonOperations
{
    public static readonly Operation[] Rows =
    [
        new("aten::eq", "Operand self, Operand other", Comparison, c => c.B.Eq(Ordered(c, 0), Ordered(c, 1)),
            "self == other, in the promoted type: a float32 tensor is compared with 0.1 in float32. False for NaN."),
        new("aten::ne", "Operand self, Operand other", Comparison, c => c.B.Ne(Ordered(c, 0), Ordered(c, 1)),
            "self != other, in the promoted type. True for NaN."),
        new("aten::lt", "Operand self, Operand other", Comparison, c => c.B.Lt(Ordered(c, 0), Ordered(c, 1)),
            "self < other, in the promoted type. False for NaN."),
        new("aten::le", "Operand self, Operand other", Comparison, c => c.B.Le(Ordered(c, 0), Ordered(c, 1)),
            "self <= other, in the promoted type. False for NaN."),
        new("aten::gt", "Operand self, Operand other", Comparison, c => c.B.Gt(Ordered(c, 0), Ordered(c, 1)),
            "self > other, in the promoted type. False for NaN."),
        new("aten::ge", "Operand self, Operand other", Comparison, c => c.B.Ge(Ordered(c, 0), Ordered(c, 1)),
            "self >= other, in the promoted type. False for NaN."),
        new("aten::isnan", "Tensor self", Predicate, c => c.IsFloat ? c.B.IsNaN(c[0]) : c.B.Bool(false),
            "Whether self is NaN."),
        new("aten::isinf", "Tensor self", Predicate, c => c.IsFloat ? c.B.Eq(c.B.Abs(c[0]), c.B.Infinity(c.Type)) : c.B.Bool(false),
            "Whether self is an infinity."),
        new("aten::isfinite", "Tensor self", Predicate, c => c.IsFloat ? c.B.Lt(c.B.Abs(c[0]), c.B.Infinity(c.Type)) : c.B.Bool(true),
            "Whether self is neither an infinity nor NaN."),
        new("aten::isposinf", "Tensor self", Predicate, c => c.IsFloat ? c.B.Eq(c[0], c.B.Infinity(c.Type)) : c.B.Bool(false),
            "Whether self is positive infinity."),
        new("aten::isneginf", "Tensor self", Predicate, c => c.IsFloat ? c.B.Eq(c[0], c.Number(double.NegativeInfinity)) : c.B.Bool(false),
            "Whether self is negative infinity."),
        new("aten::signbit", "Tensor self", Predicate, SignBit,
            "Whether the sign is minus: true for -0, false for NaN, whose sign is no part of the contract. Integers: self < 0."),
    ];

    /// <summary>An operand in a type that the comparisons of the IR take; false orders before true.</summary>
    private static IrValue Ordered(MeaningContext c, int parameter) => c.Type == IrType.Bool ? c.B.Convert(c[parameter], IrType.Int32) : c.Stored(parameter);

    private static IrValue SignBit(MeaningContext c)
    {
        if (c.Type == IrType.Bool)
        {
            return c.B.Bool(false);
        }

        var bits = c.IsFloat ? c.B.SignedBits(c[0]) : c[0];
        return c.B.Lt(bits, c.B.Number(bits.Type, 0));
    }
}
