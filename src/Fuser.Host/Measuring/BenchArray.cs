using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Measuring;

/// <summary>
/// An array whose memory does not move, so that the runtime and the bare loop that it is compared with work on the very same
/// bytes and pages.
/// </summary>
internal sealed unsafe class BenchArray
{
    private BenchArray(NdArray array)
    {
        Array = array;
        Address = (byte*)Unsafe.AsPointer(ref array.First);
        Bytes = array.ElementCount * array.DType.ItemSize();
    }

    /// <summary>The array.</summary>
    public NdArray Array { get; }

    /// <summary>Its first byte.</summary>
    public byte* Address { get; }

    /// <summary>Bytes of all its elements.</summary>
    public long Bytes { get; }

    /// <summary>A new row-major array, not cleared.</summary>
    public static BenchArray Allocate(DType dtype, ImmutableArray<long> shape)
    {
        var layout = TensorLayout.Contiguous(shape);
        var count = checked((int)layout.ElementCount);
        return new BenchArray(dtype.ItemSize() switch
        {
            1 => NdArray.From(GC.AllocateUninitializedArray<byte>(count, pinned: true), dtype, layout),
            2 => NdArray.From(GC.AllocateUninitializedArray<ushort>(count, pinned: true), dtype, layout),
            4 => NdArray.From(GC.AllocateUninitializedArray<uint>(count, pinned: true), dtype, layout),
            _ => NdArray.From(GC.AllocateUninitializedArray<ulong>(count, pinned: true), dtype, layout),
        });
    }

    /// <summary>A copy of an array whose elements fill their memory without gaps; its layout is kept.</summary>
    public static BenchArray CopyOf(NdArray array)
    {
        var copy = Allocate(array.DType, array.Shape);
        for (long done = 0; done < copy.Bytes;)
        {
            var piece = (int)Math.Min(1 << 20, copy.Bytes - done);
            MemoryMarshal.CreateReadOnlySpan(ref Unsafe.AddByteOffset(ref array.First, (nint)done), piece).CopyTo(new Span<byte>(copy.Address + done, piece));
            done += piece;
        }

        return new BenchArray(copy.Array.WithLayout(new TensorLayout(array.Shape, array.Layout.Strides)));
    }

    /// <summary>
    /// A new array of random elements that are always the same for the same seed: floats in (0.1, 0.9), so that logarithms, roots and
    /// quotients stay ordinary numbers; integers from 1 to 9, so that nothing divides by 0.
    /// </summary>
    public static BenchArray Random(DType dtype, ImmutableArray<long> shape, ulong seed)
    {
        const int Piece = 1 << 16;
        var array = Allocate(dtype, shape);
        var count = array.Array.ElementCount;
        Parallel.For(0, (count + Piece - 1) / Piece, piece =>
        {
            for (var i = piece * Piece; i < Math.Min((piece + 1) * Piece, count); i++)
            {
                array.Set(dtype, i, Mix(seed + ((ulong)i * 0x9e3779b97f4a7c15)));
            }
        });
        return array;
    }

    private void Set(DType dtype, long index, ulong random)
    {
        var real = 0.1 + (0.8 * ((random >> 12) + 0.5) / (1L << 52));
        var whole = 1 + (int)((random >> 32) % 9);
        switch (dtype)
        {
            case DType.Bool:
                Address[index] = (byte)(random & 1);
                break;
            case DType.UInt8 or DType.Int8:
                Address[index] = (byte)whole;
                break;
            case DType.Int16:
                ((short*)Address)[index] = (short)whole;
                break;
            case DType.Int32:
                ((int*)Address)[index] = whole;
                break;
            case DType.Int64:
                ((long*)Address)[index] = whole;
                break;
            case DType.Float16:
                ((Half*)Address)[index] = (Half)real;
                break;
            case DType.BFloat16:
                ((BFloat16*)Address)[index] = (BFloat16)(float)real;
                break;
            case DType.Float32:
                ((float*)Address)[index] = (float)real;
                break;
            default:
                ((double*)Address)[index] = real;
                break;
        }
    }

    /// <summary>The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): every bit of the result depends on every bit of the counter.</summary>
    private static ulong Mix(ulong counter)
    {
        counter = (counter ^ (counter >> 30)) * 0xbf58476d1ce4e5b9;
        counter = (counter ^ (counter >> 27)) * 0x94d049bb133111eb;
        return counter ^ (counter >> 31);
    }
}
