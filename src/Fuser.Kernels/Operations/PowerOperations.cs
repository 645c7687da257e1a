using System.ComponentModel;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Math;
using Fuser.Kernels.Tensors;
using static Fuser.Kernels.Operations.TypeRules;

namespace Fuser.Kernels.Operations;

/// <summary>Powers and roots.</summary>
internal static class PowerOperations
{
    public static readonly Operation[] Rows =
    [
        new("aten::pow", "Operand self, Operand exponent", Power, Pow,
            "self to the power of exponent, as C pow. An exponent that is a number keeps the digits of float64. Constant exponents 2, 3, -1, -2, 0.5, -0.5 are products, quotients and roots. Integers wrap; a negative constant exponent is an error for them, in a tensor it gives 0, or 1 and -1 for the bases 1 and -1."),
        new("aten::float_power", "Operand self, Operand exponent", InFloat64, Pow,
            "self to the power of exponent, in float64."),
        new("aten::square", "Tensor self", Squared, c => c.B.Mul(c[0], c[0]),
            "self * self; booleans become int64."),
        new("aten::sqrt", "Tensor self", PromotedToFloat, c => c.B.Sqrt(c[0]),
            "Square root, correctly rounded; NaN below zero, -0 for -0."),
        new("aten::rsqrt", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Rsqrt(c.B, c[0]),
            "1 / sqrt(self); infinity with the sign of zero for a zero."),
        new("aten::hypot", "Tensor self, Tensor other", PromotedFloat, c => ElementaryFunctions.Hypot(c.B, c[0], c[1]),
            "sqrt(self^2 + other^2) without overflow on the way; infinite if one is, even beside NaN."),
    ];

    [Description("As Promoted; not for booleans, and integers take no constant negative exponent.")]
    public static TypeResolution Power(OperandTypes types)
    {
        var resolution = PromotedNumber(types);
        return resolution.Compute.IsInteger() && types[1].Constant is IntConstant { Value: < 0 } exponent
            ? throw new GraphException(
                ErrorCodes.OperationArgument, $"{types.Operation.Kind} of {resolution.Compute.DisplayName()} got the exponent {exponent.Value}, wanted 0 or more. Convert the base to float32 first.")
            : resolution;
    }

    [Description("float64, in and out.")]
    public static TypeResolution InFloat64(OperandTypes types) => new(DType.Float64, DType.Float64);

    [Description("The type of self; bool becomes int64.")]
    public static TypeResolution Squared(OperandTypes types) => types[0].DType == DType.Bool ? new(DType.Int64, DType.Int64) : Self(types);

    private static IrValue Pow(MeaningContext c)
    {
        var (b, x) = (c.B, c[0]);
        if (!c.IsFloat)
        {
            return IntegerPower(c, x, c[1]);
        }

        switch (c.KnownNumber(1))
        {
            case 1: return x;
            case 2: return b.Mul(x, x);
            case 3: return b.Mul(b.Mul(x, x), x);
            case -1: return b.Div(c.Number(1), x);
            case -2: return b.Div(c.Number(1), b.Mul(x, x));
            case 0.5: return b.Sqrt(x);
            case -0.5: return ElementaryFunctions.Rsqrt(b, x);
        }

        return c.KnownNumber(0) is 2 ? ElementaryFunctions.Exp2(b, c[1])
            : ElementaryFunctions.Pow(b, x, c.TypeOf(1).Rank == OperandRank.Number ? c.As(1, DType.Float64) : c[1]);
    }

    /// <summary>
    /// Square and multiply, over as many bits as the exponent's type can have (as it has, if it is constant): modulo 2^width.
    /// </summary>
    private static IrValue IntegerPower(MeaningContext c, IrValue x, IrValue exponent)
    {
        var (b, one, zero) = (c.B, c.Number(1), c.Number(0));
        var bits = (c.Compute.ItemSize() * 8) - (c.Compute == DType.UInt8 ? 0 : 1);
        if (b.TryGetConstant(exponent, out var constant))
        {
            bits = 64 - (int)ulong.LeadingZeroCount(constant);
        }

        var result = one;
        var square = x;
        for (var bit = 0; bit < bits; bit++)
        {
            var isSet = b.Ne(b.And(exponent, c.Number(Math.Pow(2, bit))), zero);
            result = b.Select(isSet, result == one ? square : b.Mul(result, square), result);
            if (bit + 1 < bits)
            {
                square = NarrowIntegers.Wrap(b, c.Compute, b.Mul(square, square));
            }
        }

        if (c.Compute == DType.UInt8)
        {
            return result;
        }

        // 1 / self^|exponent|, towards zero.
        var odd = b.Ne(b.And(exponent, one), zero);
        var ofMinusOne = b.Select(odd, b.Neg(one), one);
        var inverse = b.Select(b.Eq(x, one), one, b.Select(b.Eq(x, b.Neg(one)), ofMinusOne, zero));
        return b.Select(b.Lt(exponent, zero), inverse, result);
    }
}
