using System.ComponentModel;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Math;
using Fuser.Kernels.Tensors;
using static Fuser.Kernels.Operations.TypeRules;

namespace Fuser.Kernels.Operations;

/// <summary>
/// Activation functions. Where PyTorch's formula decides about overflow or lost digits it is kept, so that results are as near
/// to the exact ones as PyTorch's in the same places.
/// </summary>
internal static class ActivationOperations
{
    /// <summary>G. Klambauer et al., "Self-Normalizing Neural Networks" (2017).</summary>
    private const double SeluAlpha = 1.6732632423543772848170429916717;
    private const double SeluScale = 1.0507009873554804934193349852946;

    public static readonly Operation[] Rows =
    [
        new("aten::relu", "Tensor self", NumericSelf, c => c.B.MaxSelect(c.Number(0), c[0]),
            "0 where self < 0, else self: NaN and -0 stay."),
        new("aten::relu6", "Tensor self", NumericSelf, c => SelectionOperations.Clamp(c, c[0], c.Number(0), c.Number(6)),
            "self clamped to [0, 6]."),
        new("aten::hardtanh", "Tensor self, Number min_val=-1, Number max_val=1", Limited, c => SelectionOperations.Clamp(c, c[0], c[1], c[2]),
            "self clamped to [min_val, max_val].") { HoldsNumbers = true },
        new("aten::threshold", "Tensor self, Number threshold, Number value", Limited, c => c.B.Select(c.B.Le(c[0], c[1]), c[2], c[0]),
            "value where self <= threshold, else self; NaN stays.") { HoldsNumbers = true },
        new("aten::leaky_relu", "Tensor self, Number negative_slope=0.01", FloatSelf, c => c.B.Select(c.B.Gt(c[0], c.Number(0)), c[0], c.B.Mul(c[0], c[1])),
            "self where it is above 0, else self * negative_slope."),
        new("aten::prelu", "Tensor self, Tensor weight", SameFloat, c => c.B.Select(c.B.Gt(c[0], c.Number(0)), c[0], c.B.Mul(c[1], c[0])),
            "self where it is above 0, else weight * self. One weight for all or one per channel (axis 1)."),
        new("aten::elu", "Tensor self, Number alpha=1, Number scale=1, Number input_scale=1", FloatSelf,
            c => Elu(c, c.B.Mul(c[1], c[2]), c[2], c[3]),
            "scale * self where self is not below 0, else alpha * scale * (e^(self * input_scale) - 1)."),
        new("aten::selu", "Tensor self", FloatSelf,
            c => Elu(c, c.B.Mul(c.Number(SeluAlpha), c.Number(SeluScale)), c.Number(SeluScale), c.Number(1)),
            "elu with alpha 1.6732632423543772 and scale 1.0507009873554805."),
        new("aten::celu", "Tensor self, Number alpha=1", FloatSelf,
            c => Elu(c, c[1], c.Number(1), ValueConversion.Promote(c.B, c.B.Div(c.B.Float64(1), c.As(1, DType.Float64)), DType.Float64, c.Compute)),
            "self where it is not below 0, else alpha * (e^(self / alpha) - 1)."),
        new("aten::sigmoid", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Sigmoid(c.B, c[0]),
            "1 / (1 + e^-self)."),
        new("aten::log_sigmoid", "Tensor self", FloatSelf,
            c => c.B.Sub(c.B.MinSelect(c[0], c.Number(0)), ElementaryFunctions.Log1p(c.B, ElementaryFunctions.Exp(c.B, c.B.Neg(c.B.Abs(c[0]))))),
            "log(sigmoid(self)), as min(self, 0) - log(1 + e^-|self|)."),
        new("aten::silu", "Tensor self", FloatSelf, c => c.B.Div(c[0], c.B.Add(c.Number(1), ElementaryFunctions.Exp(c.B, c.B.Neg(c[0])))),
            "self / (1 + e^-self); -0 where e^-self overflows, NaN for -inf."),
        new("aten::mish", "Tensor self", FloatSelf, Mish,
            "self * tanh(log(1 + e^self)); NaN for -inf."),
        new("aten::softplus", "Tensor self, Number beta=1, Number threshold=20", FloatSelf, Softplus,
            "log(1 + e^(self * beta)) / beta; self where self * beta is above the threshold."),
        new("aten::gelu", "Tensor self, Constant approximate=\"none\"", Gelu, GeluMeaning,
            "self / 2 * (1 + erf(self / sqrt(2))); approximate \"tanh\": self / 2 * (1 + tanh(sqrt(2 / pi) * (self + 0.044715 * self^3))). Both lose digits below 0 as 1 + erf does: the error is at most 4 units in the last place of |self| / 2 in float32 (measured: 3.1 and 3.5)."),
        new("aten::hardsigmoid", "Tensor self", FloatSelf, c => c.B.Div(ShiftedAndClamped(c), c.Number(6)),
            "(self + 3) clamped to [0, 6], divided by 6."),
        new("aten::hardswish", "Tensor self", FloatSelf, c => c.B.Div(c.B.Mul(c[0], ShiftedAndClamped(c)), c.Number(6)),
            "self * ((self + 3) clamped to [0, 6]) / 6."),
        new("aten::hardshrink", "Tensor self, Number lambd=0.5", FloatSelf, HardShrink,
            "0 where -lambd <= self <= lambd, else self."),
        new("aten::softshrink", "Tensor self, Number lambd=0.5", FloatSelf, SoftShrink,
            "self - lambd above lambd, self + lambd below -lambd, 0 between; NaN stays."),
        new("aten::softsign", "Tensor self", FloatSelf, c => c.B.Div(c[0], c.B.Add(c.B.Abs(c[0]), c.Number(1))),
            "self / (1 + |self|)."),
        new("aten::tanhshrink", "Tensor self", FloatSelf, c => c.B.Sub(c[0], ElementaryFunctions.Tanh(c.B, c[0])),
            "self - tanh(self)."),
    ];

    [Description("The type of the first operand, which must not be bool and must hold both numbers.")]
    public static TypeResolution Limited(OperandTypes types)
    {
        RequireHeld(types, types[0].DType, mayWrap: false, 1, 2);
        return NumericSelf(types);
    }

    [Description("The type of the first operand, which must be a floating point type.")]
    public static TypeResolution Gelu(OperandTypes types) => types[1].Constant is StringConstant { Value: "none" or "tanh" }
        ? FloatSelf(types)
        : throw new GraphException(ErrorCodes.OperationArgument, $"approximate of {types.Operation.Kind} got {types[1]}, wanted \"none\" or \"tanh\".");

    private static IrValue Elu(MeaningContext c, IrValue below, IrValue above, IrValue inner)
    {
        var (b, x) = (c.B, c[0]);
        var negative = b.Mul(ElementaryFunctions.Expm1(b, b.Mul(x, inner)), below);
        return b.Select(b.Lt(x, c.Number(0)), negative, b.Mul(x, above));
    }

    /// <summary>
    /// tanh(log(1 + e)) = n / (n + 2) with n = e * (e + 2) and e = e^x, which loses no digits anywhere; beyond 20 it is 1 in
    /// float64 too, and stopping there keeps n finite.
    /// </summary>
    private static IrValue Mish(MeaningContext c)
    {
        var (b, x, two) = (c.B, c[0], c.Number(2));
        var e = ElementaryFunctions.Exp(b, b.Select(b.Lt(c.Number(20), x), c.Number(20), x));
        var n = b.Mul(e, b.Add(e, two));
        return b.Mul(x, b.Div(n, b.Add(n, two)));
    }

    private static IrValue Softplus(MeaningContext c)
    {
        var (b, x, beta) = (c.B, c[0], c[1]);
        var scaled = b.Mul(x, beta);
        var soft = b.Div(ElementaryFunctions.Log1p(b, ElementaryFunctions.Exp(b, scaled)), beta);
        return b.Select(b.Gt(scaled, c[2]), x, soft);
    }

    private static IrValue GeluMeaning(MeaningContext c)
    {
        var (b, x, one) = (c.B, c[0], c.Number(1));
        if (c.Constant(1) is StringConstant { Value: "none" })
        {
            var erf = ElementaryFunctions.Erf(b, b.Mul(x, c.Number(0.70710678118654752440)));
            return b.Mul(b.Mul(x, c.Number(0.5)), b.Add(one, erf));
        }

        var cube = b.Mul(b.Mul(x, x), x);
        var inner = b.Mul(c.Number(0.79788456080286535588), b.Add(x, b.Mul(c.Number(0.044715), cube)));
        return b.Mul(b.Mul(c.Number(0.5), x), b.Add(one, ElementaryFunctions.Tanh(b, inner)));
    }

    private static IrValue ShiftedAndClamped(MeaningContext c) =>
        SelectionOperations.Clamp(c, c.B.Add(c[0], c.Number(3)), c.Number(0), c.Number(6));

    private static IrValue HardShrink(MeaningContext c)
    {
        var (b, x) = (c.B, c[0]);
        return b.Select(b.And(b.Le(b.Neg(c[1]), x), b.Le(x, c[1])), c.Number(0), x);
    }

    private static IrValue SoftShrink(MeaningContext c)
    {
        var (b, x, width) = (c.B, c[0], c[1]);
        var inside = b.Select(b.IsNaN(x), x, c.Number(0));
        return b.Select(b.Gt(x, width), b.Sub(x, width), b.Select(b.Lt(x, b.Neg(width)), b.Add(x, width), inside));
    }
}
