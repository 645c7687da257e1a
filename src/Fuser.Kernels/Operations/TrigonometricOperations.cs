using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Math;
using static Fuser.Kernels.Operations.TypeRules;

namespace Fuser.Kernels.Operations;

/// <summary>Trigonometric and hyperbolic functions, their inverses, and angles. Their measured errors stand in <c>docs/numerics.md</c>.</summary>
internal static class TrigonometricOperations
{
    public static readonly Operation[] Rows =
    [
        new("aten::sin", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Sin(c.B, c[0]), "Sine of self in radians, however large; NaN for infinities."),
        new("aten::cos", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Cos(c.B, c[0]), "Cosine of self in radians, however large; NaN for infinities."),
        new("aten::tan", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Tan(c.B, c[0]), "Tangent of self in radians, however large; NaN for infinities."),
        new("aten::asin", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Asin(c.B, c[0]), "Arc sine; NaN outside [-1, 1]."),
        new("aten::acos", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Acos(c.B, c[0]), "Arc cosine; NaN outside [-1, 1]."),
        new("aten::atan", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Atan(c.B, c[0]), "Arc tangent."),
        new("aten::atan2", "Operand self, Operand other", PromotedToFloat, c => ElementaryFunctions.Atan2(c.B, c[0], c[1]), "Angle of the point (other, self), in [-pi, pi]; the signs of zeros choose the quadrant as in C."),
        new("aten::sinh", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Sinh(c.B, c[0]), "Hyperbolic sine."),
        new("aten::cosh", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Cosh(c.B, c[0]), "Hyperbolic cosine."),
        new("aten::tanh", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Tanh(c.B, c[0]), "Hyperbolic tangent."),
        new("aten::asinh", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Asinh(c.B, c[0]), "Inverse hyperbolic sine."),
        new("aten::acosh", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Acosh(c.B, c[0]), "Inverse hyperbolic cosine; NaN below 1."),
        new("aten::atanh", "Tensor self", PromotedToFloat, c => ElementaryFunctions.Atanh(c.B, c[0]), "Inverse hyperbolic tangent; infinite at -1 and 1, NaN outside."),
        new("aten::sinc", "Tensor self", PromotedToFloat, Sinc, "sin(pi * self) / (pi * self), 1 for 0."),
        new("aten::deg2rad", "Tensor self", PromotedToFloat, c => c.B.Mul(c[0], c.Number(Math.PI / 180)), "self * (pi / 180)."),
        new("aten::rad2deg", "Tensor self", PromotedToFloat, c => c.B.Mul(c[0], c.Number(180 / Math.PI)), "self * (180 / pi)."),
    ];

    private static IrValue Sinc(MeaningContext c)
    {
        var angle = c.B.Mul(c.Number(Math.PI), c[0]);
        return c.B.Select(c.B.Eq(c[0], c.Number(0)), c.Number(1), c.B.Div(ElementaryFunctions.Sin(c.B, angle), angle));
    }
}
