using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Operations;

/// <summary>Contiguous arrays of any dtype by their bytes or as numbers.</summary>
internal static class TestArrays
{
    public static NdArray FromBytes(DType dtype, ReadOnlySpan<byte> bytes)
    {
        var array = NdArray.Allocate(dtype, [bytes.Length / dtype.ItemSize()]);
        bytes.CopyTo(AsBytes(array));
        return array;
    }

    public static byte[] Bytes(NdArray array) => AsBytes(array).ToArray();

    /// <summary>An array of the dtype from numbers, converted as C# does.</summary>
    public static NdArray Of(DType dtype, params ReadOnlySpan<double> values)
    {
        var array = NdArray.Allocate(dtype, [values.Length]);
        for (var i = 0; i < values.Length; i++)
        {
            var v = values[i];
            switch (dtype)
            {
                case DType.Bool: array.AsSpan<bool>()[i] = v != 0; break;
                case DType.UInt8: array.AsSpan<byte>()[i] = (byte)v; break;
                case DType.Int8: array.AsSpan<sbyte>()[i] = (sbyte)v; break;
                case DType.Int16: array.AsSpan<short>()[i] = (short)v; break;
                case DType.Int32: array.AsSpan<int>()[i] = (int)v; break;
                case DType.Int64: array.AsSpan<long>()[i] = (long)v; break;
                case DType.Float16: array.AsSpan<Half>()[i] = (Half)v; break;
                case DType.BFloat16: array.AsSpan<BFloat16>()[i] = RoundToBFloat16((float)v); break;
                case DType.Float32: array.AsSpan<float>()[i] = (float)v; break;
                default: array.AsSpan<double>()[i] = v; break;
            }
        }

        return array;
    }

    /// <summary>A 0-dim array.</summary>
    public static NdArray ZeroDim(DType dtype, double value) => Of(dtype, value).WithLayout(TensorLayout.Contiguous([]));

    public static ImmutableArray<double> Numbers(NdArray array) =>
        [.. Enumerable.Range(0, (int)array.ElementCount).Select(i => Number(array, i))];

    /// <summary>An element as a double; int64 may lose digits.</summary>
    public static double Number(NdArray array, int i) => array.DType switch
    {
        DType.Bool => array.AsSpan<bool>()[i] ? 1 : 0,
        DType.UInt8 => array.AsSpan<byte>()[i],
        DType.Int8 => array.AsSpan<sbyte>()[i],
        DType.Int16 => array.AsSpan<short>()[i],
        DType.Int32 => array.AsSpan<int>()[i],
        DType.Int64 => array.AsSpan<long>()[i],
        DType.Float16 => (double)array.AsSpan<Half>()[i],
        DType.BFloat16 => BitConverter.Int32BitsToSingle(MemoryMarshal.Cast<BFloat16, ushort>(array.AsSpan<BFloat16>())[i] << 16),
        DType.Float32 => array.AsSpan<float>()[i],
        _ => array.AsSpan<double>()[i],
    };

    /// <summary>The distance from a number of a floating point format to the next one away from zero.</summary>
    public static double UnitInLastPlace(DType dtype, double value)
    {
        var (digits, least) = dtype switch
        {
            DType.Float16 => (10, -24),
            DType.BFloat16 => (7, -133),
            DType.Float32 => (23, -149),
            _ => (52, -1074),
        };
        var exponent = value == 0 || !double.IsFinite(value) ? least : Math.Max(Math.ILogB(value) - digits, least);
        return Math.ScaleB(1, exponent);
    }

    private static BFloat16 RoundToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        ushort rounded = float.IsNaN(value) ? (ushort)0x7fc0 : (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
        return MemoryMarshal.Cast<ushort, BFloat16>([rounded])[0];
    }

    private static Span<byte> AsBytes(NdArray array) => MemoryMarshal.CreateSpan(ref array.First, checked((int)(array.ElementCount * array.DType.ItemSize())));
}
