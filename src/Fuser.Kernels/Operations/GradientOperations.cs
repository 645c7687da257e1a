using static Fuser.Kernels.Operations.TypeRules;

namespace Fuser.Kernels.Operations;

/// <summary>The backward forms that autodiff graphs print for the commonest activations.</summary>
internal static class GradientOperations
{
    public static readonly Operation[] Rows =
    [
        new("aten::sigmoid_backward", "Tensor grad_output, Tensor output", PromotedFloat,
            c => c.B.Mul(c.B.Mul(c[0], c.B.Sub(c.Number(1), c[1])), c[1]),
            "grad_output * (1 - output) * output."),
        new("aten::tanh_backward", "Tensor grad_output, Tensor output", PromotedFloat,
            c => c.B.Mul(c[0], c.B.Sub(c.Number(1), c.B.Mul(c[1], c[1]))),
            "grad_output * (1 - output * output)."),
        new("aten::threshold_backward", "Tensor grad_output, Tensor self, Number threshold", PromotedNumber,
            c => c.B.Select(c.B.Le(c[1], c[2]), c.Number(0), c[0]),
            "0 where self <= threshold, else grad_output."),
    ];
}
