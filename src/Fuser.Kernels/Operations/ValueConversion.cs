using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Math;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Operations;

/// <summary>
/// Conversions between dtypes inside a kernel, where narrow integers live in i32 and 16-bit floats in f32.
/// Floats to integers truncate and saturate at 32 or 64 bits, NaN gives 0 (PyTorch leaves both to the processor);
/// narrower integers then keep the low bits. Anything to bool is "not equal to zero".
/// </summary>
internal static class ValueConversion
{
    /// <summary>
    /// An explicit cast. To a 16-bit float it rounds; so does one from a 16-bit float to integers and bool, where what is
    /// cut off would differ. From a 16-bit float to a wider one the value passes as it is.
    /// </summary>
    public static IrValue Convert(IrBuilder b, IrValue value, DType from, DType to)
    {
        if (from == to)
        {
            return value;
        }

        return RoundToHalf(b, Promote(b, to.IsFloatingPoint() ? value : RoundToHalf(b, value, from), from, to), to);
    }

    /// <summary>
    /// The conversion of an operand to the type an operation computes in. It does not round to 16-bit floats, because what is
    /// computed in them is computed in f32; PyTorch, too, keeps numbers and intermediate values in float32 there.
    /// </summary>
    public static IrValue Promote(IrBuilder b, IrValue value, DType from, DType to) =>
        from == to ? value
        : Fits(from, to) ? b.Convert(value, IrTypes.OfCompute(to))
        : NarrowIntegers.Wrap(b, to, b.Convert(value, IrTypes.OfCompute(to)));

    /// <summary>Whether every value of a type is a value of a narrow integer type, so that nothing needs wrapping.</summary>
    private static bool Fits(DType from, DType to) => from == DType.Bool || to == DType.Int16 && from is DType.UInt8 or DType.Int8;

    /// <summary>Rounds an f32 to the nearest value of a 16-bit format; other dtypes are left alone.</summary>
    private static IrValue RoundToHalf(IrBuilder b, IrValue value, DType dtype) => dtype switch
    {
        DType.Float16 => HalfFormats.Float16ToFloat32(b, HalfFormats.Float32ToFloat16(b, value)),
        DType.BFloat16 => HalfFormats.BFloat16ToFloat32(b, HalfFormats.Float32ToBFloat16(b, value)),
        _ => value,
    };
}
