using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Operations;

/// <summary>uint8, int8 and int16 are computed with in i32; this keeps their values in the range of their type.</summary>
internal static class NarrowIntegers
{
    /// <summary>The value modulo the width of a narrow integer type; other types are left alone.</summary>
    public static IrValue Wrap(IrBuilder b, DType dtype, IrValue value) => dtype switch
    {
        DType.UInt8 => b.And(value, b.Int32(0xff)),
        DType.Int8 => b.Sar(b.Shl(value, 24), 24),
        DType.Int16 => b.Sar(b.Shl(value, 16), 16),
        _ => value,
    };
}
