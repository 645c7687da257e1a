using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Ir.Math;

/// <summary>
/// float16 and bfloat16 to and from float32, in integer arithmetic, so that no target needs a conversion
/// instruction for them. Bits are an i32 holding 16 bits, zero-extended. Widening is exact; narrowing rounds
/// to nearest even, overflows to infinity and keeps NaN a (quiet) NaN.
/// </summary>
internal static class HalfFormats
{
    /// <summary>Sign, then magnitude shifted into place and scaled by 2^112, which also makes subnormals right; infinities and NaN are patched.</summary>
    public static IrValue Float16ToFloat32(IrBuilder b, IrValue bits)
    {
        var sign = b.Shl(b.And(bits, b.Int32(0x8000)), 16);
        var shifted = b.Shl(b.And(bits, b.Int32(0x7fff)), 13);
        var scaled = b.ToBits(b.Mul(b.FromBits(shifted, IrType.Float32), b.Float32(BitConverter.Int32BitsToSingle(0x77800000))));
        var special = b.Le(b.Int32(0x7c00 << 13), shifted);
        return b.Widened(b.FromBits(b.Or(sign, b.Select(special, b.Or(shifted, b.Int32(0x7f800000)), scaled)), IrType.Float32), DType.Float16, bits);
    }

    /// <summary>
    /// Normal results round by adding half an ulp (less one when even) to the bits; subnormal ones by adding 0.5,
    /// which leaves the right bits at the bottom (F. Giesen, "half to float done quick", round-to-nearest-even form).
    /// </summary>
    public static IrValue Float32ToFloat16(IrBuilder b, IrValue value)
    {
        if (b.BitsOf(value, DType.Float16) is { } known)
        {
            return known;
        }

        var bits = b.ToBits(value);
        var sign = b.And(b.Shr(bits, 16), b.Int32(0x8000));
        var magnitude = b.And(bits, b.Int32(0x7fffffff));

        var subnormal = b.Sub(b.ToBits(b.Add(b.FromBits(magnitude, IrType.Float32), b.Float32(0.5f))), b.Int32(0x3f000000));
        var odd = b.And(b.Shr(magnitude, 13), b.Int32(1));
        var normal = b.Shr(b.Add(b.Add(magnitude, b.Int32(unchecked(((15 - 127) << 23) + 0xfff))), odd), 13);
        var finite = b.Select(b.Lt(magnitude, b.Int32((127 - 14) << 23)), subnormal, normal);

        var isNaN = b.Lt(b.Int32(0x7f800000), magnitude);
        var special = b.Select(isNaN, b.Int32(0x7e00), b.Int32(0x7c00));
        return b.Or(sign, b.Select(b.Lt(magnitude, b.Int32((127 + 16) << 23)), finite, special));
    }

    public static IrValue BFloat16ToFloat32(IrBuilder b, IrValue bits) => b.Widened(b.FromBits(b.Shl(bits, 16), IrType.Float32), DType.BFloat16, bits);

    public static IrValue Float32ToBFloat16(IrBuilder b, IrValue value)
    {
        if (b.BitsOf(value, DType.BFloat16) is { } known)
        {
            return known;
        }

        var bits = b.ToBits(value);
        var odd = b.And(b.Shr(bits, 16), b.Int32(1));
        var rounded = b.Shr(b.Add(bits, b.Add(b.Int32(0x7fff), odd)), 16);
        return b.Select(b.IsNaN(value), b.Int32(0x7fc0), rounded);
    }
}
