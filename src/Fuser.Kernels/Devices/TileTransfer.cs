using System.Runtime.CompilerServices;

namespace Fuser.Kernels.Devices;

/// <summary>Fills tiles from strided memory and writes them back, element by element in the order of the loops.</summary>
internal static unsafe class TileTransfer
{
    /// <summary>Copies a stretch of elements, each <paramref name="stride"/> bytes after the last, into a dense tile.</summary>
    public static void Gather(byte* source, long stride, byte* tile, long count, int itemSize) => Copy(source, stride, tile, itemSize, count, itemSize);

    /// <summary>The way back.</summary>
    public static void Scatter(byte* tile, byte* destination, long stride, long count, int itemSize) => Copy(tile, itemSize, destination, stride, count, itemSize);

    /// <summary>
    /// Visits <paramref name="count"/> elements of a nest of axes in row-major order, from the linear position <paramref name="start"/> on, one stretch of the
    /// last axis at a time, and copies between them and a dense tile.
    /// </summary>
    public static void Walk(byte* memory, ReadOnlySpan<long> strides, ReadOnlySpan<long> sizes, long start, byte* tile, long count, int itemSize, bool toTile)
    {
        Span<long> index = stackalloc long[sizes.Length];
        var rest = start;
        for (var axis = sizes.Length - 1; axis >= 0; axis--)
        {
            (rest, index[axis]) = Math.DivRem(rest, sizes[axis]);
            memory += index[axis] * strides[axis];
        }

        var inner = sizes.Length - 1;
        while (count > 0)
        {
            var length = Math.Min(count, sizes[inner] - index[inner]);
            if (toTile)
            {
                Gather(memory, strides[inner], tile, length, itemSize);
            }
            else
            {
                Scatter(tile, memory, strides[inner], length, itemSize);
            }

            tile += length * itemSize;
            count -= length;
            memory += length * strides[inner];
            index[inner] += length;
            for (var axis = inner; axis > 0 && index[axis] == sizes[axis]; axis--)
            {
                memory += strides[axis - 1] - (sizes[axis] * strides[axis]);
                index[axis] = 0;
                index[axis - 1]++;
            }
        }
    }

    private static void Copy(byte* source, long sourceStride, byte* destination, long destinationStride, long count, int itemSize)
    {
        switch (itemSize)
        {
            case 1: Copy<byte>(source, sourceStride, destination, destinationStride, count); break;
            case 2: Copy<ushort>(source, sourceStride, destination, destinationStride, count); break;
            case 4: Copy<uint>(source, sourceStride, destination, destinationStride, count); break;
            default: Copy<ulong>(source, sourceStride, destination, destinationStride, count); break;
        }
    }

    private static void Copy<T>(byte* source, long sourceStride, byte* destination, long destinationStride, long count)
        where T : unmanaged
    {
        for (long i = 0; i < count; i++)
        {
            Unsafe.WriteUnaligned(destination, Unsafe.ReadUnaligned<T>(source));
            source += sourceStride;
            destination += destinationStride;
        }
    }
}
