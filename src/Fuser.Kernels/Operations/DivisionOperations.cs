using System.ComponentModel;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir;
using static Fuser.Kernels.Operations.TypeRules;

namespace Fuser.Kernels.Operations;

/// <summary>Quotients and remainders. Dividing an integer by zero is an error at run time; floats follow IEEE 754.</summary>
internal static class DivisionOperations
{
    public static readonly Operation[] Rows =
    [
        new("aten::div", "Operand self, Operand other, Constant rounding_mode=None", Quotient, Div,
            "self / other, of integers in float32. rounding_mode \"trunc\": towards zero, \"floor\": downwards, both in the promoted type."),
        new("aten::true_divide", "Operand self, Operand other", PromotedToFloat,
            c => c.B.Div(c[0], c[1]),
            "self / other, of integers in float32."),
        new("aten::floor_divide", "Operand self, Operand other", PromotedNumber,
            c => FloorDivide(c, c[0], c[1]),
            "self / other, rounded downwards, in the promoted type."),
        new("aten::fmod", "Operand self, Operand other", PromotedNumber,
            c => c.B.Rem(c[0], c[1]),
            "What is left of self after whole multiples of other towards zero; exact, with the sign of self."),
        new("aten::remainder", "Operand self, Operand other", PromotedNumber,
            c => Remainder(c, c[0], c[1]),
            "What is left of self after whole multiples of other downwards, with the sign of other: remainder(-5, 3) = 1."),
        new("aten::reciprocal", "Tensor self", PromotedToFloat,
            c => c.B.Div(c.Number(1), c[0]),
            "1 / self."),
    ];

    [Description("As PromotedToFloat; with a rounding mode as PromotedNumber.")]
    public static TypeResolution Quotient(OperandTypes types) => RoundingMode(types) is null ? PromotedToFloat(types) : PromotedNumber(types);

    private static string? RoundingMode(OperandTypes types) => types[2].Constant switch
    {
        null => null,
        StringConstant { Value: "trunc" or "floor" } mode => mode.Value,
        _ => throw new GraphException(ErrorCodes.OperationArgument, $"rounding_mode of {types.Operation.Kind} got {types[2]}, wanted None, \"trunc\" or \"floor\"."),
    };

    private static IrValue Div(MeaningContext c) => c.Constant(2) switch
    {
        StringConstant { Value: "floor" } => FloorDivide(c, c[0], c[1]),
        StringConstant when c.IsFloat => c.B.Truncate(c.B.Div(c[0], c[1])),
        _ => c.B.Div(c[0], c[1]),
    };

    private static IrValue Remainder(MeaningContext c, IrValue x, IrValue y)
    {
        var b = c.B;
        var rest = b.Rem(x, y);
        return b.Select(OtherSign(c, rest, y), b.Add(rest, y), rest);
    }

    /// <summary>Whether a remainder is not zero and has not the sign of the divisor, so that one more multiple is to be taken.</summary>
    private static IrValue OtherSign(MeaningContext c, IrValue rest, IrValue divisor)
    {
        var (b, zero) = (c.B, c.Number(0));
        return b.And(b.Ne(rest, zero), b.Xor(b.Lt(rest, zero), b.Lt(divisor, zero)));
    }

    /// <summary>
    /// Floats as CPython does it and PyTorch after it: (x - mod) / y is nearly whole and is made so; a zero keeps the
    /// sign of the quotient; a zero divisor gives what IEEE division gives.
    /// </summary>
    private static IrValue FloorDivide(MeaningContext c, IrValue x, IrValue y)
    {
        var (b, zero) = (c.B, c.Number(0));
        var rest = b.Rem(x, y);
        if (!c.IsFloat)
        {
            var quotient = b.Div(x, y);
            return b.Select(OtherSign(c, rest, y), b.Sub(quotient, c.Number(1)), quotient);
        }

        var near = b.Div(b.Sub(x, rest), y);
        near = b.Select(OtherSign(c, rest, y), b.Sub(near, c.Number(1)), near);
        var whole = b.Floor(near);
        whole = b.Select(b.Gt(b.Sub(near, whole), c.Number(0.5)), b.Add(whole, c.Number(1)), whole);
        var exact = b.Div(x, y);
        var floor = b.Select(b.Eq(near, zero), b.CopySign(zero, exact), whole);
        return b.Select(b.Eq(y, zero), exact, floor);
    }
}
