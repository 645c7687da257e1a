using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Math;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Lowering;

/// <summary>Between what is kept in memory and what is computed with: 16-bit floats are float32 inside a kernel.</summary>
internal static class ArgumentLowering
{
    public static IrValue Load(IrBuilder builder, int index, ArgumentSpec argument) => argument.Kind switch
    {
        ArgumentKind.Scalar => builder.Scalar(index),
        ArgumentKind.Index => builder.Index(index),
        _ => argument.Storage switch
        {
            DType.Float16 => HalfFormats.Float16ToFloat32(builder, builder.Load(index)),
            DType.BFloat16 => HalfFormats.BFloat16ToFloat32(builder, builder.Load(index)),
            _ => builder.Load(index),
        },
    };

    public static IrValue ToStorage(IrBuilder builder, LoweredValue value, DType storage) => storage switch
    {
        DType.Float16 => HalfFormats.Float32ToFloat16(builder, value.Value!.Value),
        DType.BFloat16 => HalfFormats.Float32ToBFloat16(builder, value.Value!.Value),
        _ => value.Value!.Value,
    };
}
