using System.ComponentModel;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;
using static Fuser.Kernels.Operations.TypeRules;

namespace Fuser.Kernels.Operations;

/// <summary>Choosing between values: by a mask, by order, by sign, by being finite.</summary>
internal static class SelectionOperations
{
    public static readonly Operation[] Rows =
    [
        new("aten::where", "Condition condition, Operand self, Operand other", Promoted,
            c => c.B.Select(c[0], c[1], c[2]),
            "self where the condition holds, else other."),
        new("aten::masked_fill", "Tensor self, Condition mask, Operand value", Filled,
            c => c.B.Select(c[1], c[2], c[0]),
            "value where the mask holds, else self.") { HoldsNumbers = true },
        new("aten::maximum", "Tensor self, Tensor other", Promoted, c => Maximum(c, c[0], c[1]),
            "The larger; NaN if one is NaN; self if they are equal."),
        new("aten::minimum", "Tensor self, Tensor other", Promoted, c => Minimum(c, c[0], c[1]),
            "The smaller; NaN if one is NaN; self if they are equal."),
        new("aten::fmax", "Tensor self, Tensor other", Promoted,
            c => c.IsFloat ? c.B.Select(c.B.Or(c.B.Lt(c[0], c[1]), c.B.IsNaN(c[0])), c[1], c[0]) : Maximum(c, c[0], c[1]),
            "The larger; if one is NaN the other."),
        new("aten::fmin", "Tensor self, Tensor other", Promoted,
            c => c.IsFloat ? c.B.Select(c.B.Or(c.B.Lt(c[1], c[0]), c.B.IsNaN(c[0])), c[1], c[0]) : Minimum(c, c[0], c[1]),
            "The smaller; if one is NaN the other."),
        new("aten::clamp", "Tensor self, Operand? min=None, Operand? max=None", Clamped,
            c => Clamp(c, c[0], c.Has(1) ? c[1] : null, c.Has(2) ? c[2] : null),
            "minimum(maximum(self, min), max): max wins where min > max. NaN anywhere gives NaN.") { HoldsNumbers = true },
        new("aten::clamp_min", "Tensor self, Operand min", Bounded, c => Clamp(c, c[0], c[1], null),
            "maximum(self, min).") { HoldsNumbers = true },
        new("aten::clamp_max", "Tensor self, Operand max", Bounded, c => Clamp(c, c[0], null, c[1]),
            "minimum(self, max).") { HoldsNumbers = true },
        new("aten::sign", "Tensor self", Self, Sign,
            "-1, 0 or 1; 0 for NaN and for -0. Booleans stay as they are."),
        new("aten::copysign", "Operand self, Operand other", PromotedToFloat, c => c.B.CopySign(c[0], c[1]),
            "The magnitude of self with the sign of other, that of -0 included; plus where other is NaN."),
        new("aten::heaviside", "Tensor self, Tensor values", SameTypes, Heaviside,
            "0 where self < 0 or NaN, 1 where self > 0, values where it is 0."),
        new("aten::nan_to_num", "Tensor self, Number nan=None, Number posinf=None, Number neginf=None", Self, NanToNum,
            "NaN becomes nan (0), the infinities become posinf and neginf (the largest and smallest finite number of the type)."),
    ];

    [Description("The type of the first operand, which must hold the value.")]
    public static TypeResolution Filled(OperandTypes types)
    {
        RequireHeld(types, types[0].DType, mayWrap: true, 2);
        return Self(types);
    }

    [Description("As Promoted; at least one bound must be given, and the type must hold bounds that are numbers.")]
    public static TypeResolution Clamped(OperandTypes types)
    {
        if (types[1].IsNone && types[2].IsNone)
        {
            throw new GraphException(ErrorCodes.OperationArgument, $"{types.Operation.Kind} got neither min nor max, wanted at least one.");
        }

        var resolution = Promoted(types);
        RequireHeld(types, resolution.Compute, mayWrap: true, 1, 2);
        return resolution;
    }

    [Description("As Promoted; the type must hold a bound that is a number.")]
    public static TypeResolution Bounded(OperandTypes types)
    {
        var resolution = Promoted(types);
        RequireHeld(types, resolution.Compute, mayWrap: true, 1);
        return resolution;
    }

    [Description("Both of one type, which is the result's.")]
    public static TypeResolution SameTypes(OperandTypes types) => types[0].DType == types[1].DType
        ? Self(types)
        : throw Unsupported(types, types[1].DType, $"{types[0].DType.DisplayName()}, as self is");

    /// <summary>x where the bound is not passed, so that x keeps its sign of zero; a NaN bound wins, a NaN x stays.</summary>
    public static IrValue Clamp(MeaningContext c, IrValue x, IrValue? low, IrValue? high)
    {
        var result = low is { } min ? Maximum(c, x, min) : x;
        return high is { } max ? Minimum(c, result, max) : result;
    }

    /// <summary>x &lt; y or y is NaN ? y : x. A NaN x compares false and stays.</summary>
    private static IrValue Maximum(MeaningContext c, IrValue x, IrValue y) =>
        c.Type == IrType.Bool ? c.B.Or(x, y) : c.B.Select(OrNaN(c, c.B.Lt(x, y), y), y, x);

    private static IrValue Minimum(MeaningContext c, IrValue x, IrValue y) =>
        c.Type == IrType.Bool ? c.B.And(x, y) : c.B.Select(OrNaN(c, c.B.Lt(y, x), y), y, x);

    private static IrValue OrNaN(MeaningContext c, IrValue condition, IrValue value)
    {
        if (!c.IsFloat)
        {
            return condition;
        }

        // A bound known not to be NaN needs no test: the common clamp is one compare and one select per side.
        var isNaN = c.B.IsNaN(value);
        return c.B.TryGetConstant(isNaN, out var bits) && bits == 0 ? condition : c.B.Or(condition, isNaN);
    }

    private static IrValue Sign(MeaningContext c)
    {
        if (c.Type == IrType.Bool)
        {
            return c[0];
        }

        var (b, zero, one) = (c.B, c.Number(0), c.Number(1));
        return b.Select(b.Lt(zero, c[0]), one, b.Select(b.Lt(c[0], zero), b.Neg(one), zero));
    }

    private static IrValue Heaviside(MeaningContext c)
    {
        if (c.Type == IrType.Bool)
        {
            return c.B.Or(c[0], c[1]);
        }

        var (b, x, zero, one) = (c.B, c[0], c.Number(0), c.Number(1));
        return b.Select(b.Eq(x, zero), c[1], b.Select(b.Lt(zero, x), one, zero));
    }

    private static IrValue NanToNum(MeaningContext c)
    {
        if (!c.IsFloat)
        {
            return c[0];
        }

        var (b, x) = (c.B, c[0]);
        var largest = c.Result switch
        {
            DType.Float16 => (double)Half.MaxValue,
            DType.BFloat16 => BitConverter.Int32BitsToSingle(0x7f7f0000),
            DType.Float32 => float.MaxValue,
            _ => double.MaxValue,
        };
        IrValue Given(int parameter, double otherwise) => c.Has(parameter) ? c[parameter] : c.Number(otherwise);
        var infinite = b.Select(b.Eq(x, b.Infinity(c.Type)), Given(2, largest), b.Select(b.Eq(x, c.Number(double.NegativeInfinity)), Given(3, -largest), x));
        return b.Select(b.IsNaN(x), Given(1, 0), infinite);
    }
}
