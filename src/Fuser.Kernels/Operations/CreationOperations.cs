using System.ComponentModel;
using Fuser.Kernels.Tensors;
using static Fuser.Kernels.Operations.TypeRules;

namespace Fuser.Kernels.Operations;

/// <summary>Tensors made of one number: in the shape of another tensor, or without dimensions. They are never in memory; who reads them computes them.</summary>
internal static class CreationOperations
{
    public static readonly Operation[] Rows =
    [
        new("aten::zeros_like", "Tensor self, Like dtype=None, Ignored layout=None, Ignored device=None, Ignored pin_memory=None, Ignored memory_format=None", NamedOrSelf,
            c => c.B.Number(c.ResultType, 0),
            "0 in the shape of self, whose values have no influence."),
        new("aten::ones_like", "Tensor self, Like dtype=None, Ignored layout=None, Ignored device=None, Ignored pin_memory=None, Ignored memory_format=None", NamedOrSelf,
            c => c.B.Number(c.ResultType, 1),
            "1 in the shape of self, whose values have no influence."),
        new("aten::full_like", "Tensor self, Number fill_value, Like dtype=None, Ignored layout=None, Ignored device=None, Ignored pin_memory=None, Ignored memory_format=None", FullLike,
            c => c[1],
            "fill_value in the shape of self, whose values have no influence.") { HoldsNumbers = true },
        new("aten::scalar_tensor", "Number s, Like dtype=None, Ignored layout=None, Ignored device=None, Ignored pin_memory=None", ScalarTensor,
            c => c[0],
            "The number as a 0-dim tensor; float32 unless a dtype is named."),
        new("aten::tensor", "Number data, Like dtype=None, Ignored device=None, Ignored requires_grad=None", ScalarTensor,
            c => c[0],
            "The number as a 0-dim tensor: ints give int64, floats float32, unless a dtype is named."),
        new("prim::NumToTensor", "Number a", Wide,
            c => c[0],
            "The number as a 0-dim tensor: ints give int64, floats float64."),
    ];

    [Description("dtype, or the type of self.")]
    public static TypeResolution NamedOrSelf(OperandTypes types) => Both(NamedType(types, 1) ?? types[0].DType);

    [Description("dtype, or the type of self, which must hold the number.")]
    public static TypeResolution FullLike(OperandTypes types)
    {
        var dtype = NamedType(types, 2) ?? types[0].DType;
        RequireHeld(types, dtype, mayWrap: true, 1);
        return Both(dtype);
    }

    [Description("dtype, or the type of the number with float32 for floats.")]
    public static TypeResolution ScalarTensor(OperandTypes types) => Both(NamedType(types, 1) ?? types.Promote(0));

    [Description("The type of the number.")]
    public static TypeResolution Wide(OperandTypes types) => Both(types[0].DType);

    private static TypeResolution Both(DType dtype) => new(dtype, dtype);
}
