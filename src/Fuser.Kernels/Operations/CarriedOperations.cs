using System.ComponentModel;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Operations;

/// <summary>
/// How a value computed in 16 bits gets from one plan to the next of a graph with control flow without being rounded: out as the float32 it
/// is inside a graph, and in as a 16-bit value again.
/// </summary>
internal static class CarriedOperations
{
    public static readonly Operation[] Rows =
    [
        new("prim::AsFloat32", "Tensor self", Widened, c => c[0],
            "A 16-bit float as the float32 it is inside a graph, not rounded; every other type as it is."),
        new("prim::AsFloat16", "Tensor self", Float16, c => c[0],
            "A float32 as a float16 that is rounded only at an output of the graph or an explicit cast."),
        new("prim::AsBFloat16", "Tensor self", BFloat16, c => c[0],
            "A float32 as a bfloat16 that is rounded only at an output of the graph or an explicit cast."),
    ];

    [Description("float32 for a 16-bit float, else the type of self.")]
    public static TypeResolution Widened(OperandTypes types) =>
        types[0].DType.IsHalf() ? new TypeResolution(types[0].DType, DType.Float32) : new TypeResolution(types[0].DType, types[0].DType);

    [Description("float32 in, float16 out.")]
    public static TypeResolution Float16(OperandTypes types) => Narrowed(types, DType.Float16);

    [Description("float32 in, bfloat16 out.")]
    public static TypeResolution BFloat16(OperandTypes types) => Narrowed(types, DType.BFloat16);

    private static TypeResolution Narrowed(OperandTypes types, DType dtype) => types[0].DType == DType.Float32
        ? new TypeResolution(dtype, dtype)
        : throw TypeRules.Unsupported(types, types[0].DType, "a float32 tensor");
}
