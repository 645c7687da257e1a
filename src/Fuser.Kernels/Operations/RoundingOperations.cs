using System.ComponentModel;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir;
using static Fuser.Kernels.Operations.TypeRules;

namespace Fuser.Kernels.Operations;

/// <summary>To whole numbers. Integers stay as they are.</summary>
internal static class RoundingOperations
{
    public static readonly Operation[] Rows =
    [
        new("aten::floor", "Tensor self", NumericSelf, c => c.IsFloat ? c.B.Floor(c[0]) : c[0],
            "Downwards to a whole number."),
        new("aten::ceil", "Tensor self", NumericSelf, c => c.IsFloat ? c.B.Ceiling(c[0]) : c[0],
            "Upwards to a whole number; ceil(-0.5) is -0."),
        new("aten::trunc", "Tensor self", NumericSelf, c => c.IsFloat ? c.B.Truncate(c[0]) : c[0],
            "Towards zero to a whole number."),
        new("aten::round", "Tensor self, Constant decimals=0", RoundedSelf, Round,
            "To the nearest whole number, halves to the even one. decimals: to so many digits after the point (before it where negative), by scaling with a power of ten, rounding and scaling back."),
        new("aten::frac", "Tensor self", FloatSelf, c => c.B.Sub(c[0], c.B.Truncate(c[0])),
            "self - trunc(self); NaN for infinities."),
    ];

    [Description("The type of the first operand, which must not be bool; with decimals it must be a floating point type.")]
    public static TypeResolution RoundedSelf(OperandTypes types) => types[1].Constant switch
    {
        IntConstant { Value: 0 } => NumericSelf(types),
        IntConstant => FloatSelf(types),
        _ => throw new GraphException(ErrorCodes.OperationArgument, $"decimals of {types.Operation.Kind} got {types[1]}, wanted an int."),
    };

    private static IrValue Round(MeaningContext c)
    {
        if (!c.IsFloat)
        {
            return c[0];
        }

        var decimals = ((IntConstant)c.Constant(1)!).Value;
        if (decimals == 0)
        {
            return c.B.Round(c[0]);
        }

        // Parsed, not computed: a power function would give other digits on other systems.
        var scale = c.Number(double.Parse($"1e{Math.Min(Math.Abs((decimal)decimals), 400)}"));
        return decimals > 0
            ? c.B.Div(c.B.Round(c.B.Mul(c[0], scale)), scale)
            : c.B.Mul(c.B.Round(c.B.Div(c[0], scale)), scale);
    }
}
