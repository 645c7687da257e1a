using Fuser.Kernels.Graphs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Operations;

/// <summary>The dtype of a constant 0-dim tensor, <c>%2 : Double() = prim::Constant[value={2}]()</c>, as traced graphs have them.</summary>
internal static class ConstantTypes
{
    /// <summary>The declared type; without one an integer is int64 and a float the default, float32.</summary>
    public static DType DTypeOf(GraphType declared, TensorConstant constant) =>
        (declared as TensorType)?.DType ?? (constant.Item is IntConstant ? DType.Int64 : DType.Float32);
}
