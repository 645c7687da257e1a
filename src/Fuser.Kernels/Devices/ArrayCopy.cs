using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices;

/// <summary>Copies results that were made elsewhere to where they belong.</summary>
internal static unsafe class ArrayCopy
{
    /// <param name="from">Row-major.</param>
    /// <param name="to">Of the same type and shape; in any layout.</param>
    public static void Copy(NdArray from, NdArray to)
    {
        var (item, count) = (from.DType.ItemSize(), from.ElementCount);
        if (count == 0)
        {
            return;
        }

        using var source = from.Pin();
        using var destination = to.Pin();
        if (to.Layout.IsContiguous)
        {
            Buffer.MemoryCopy(source.Pointer, destination.Pointer, count * item, count * item);
            return;
        }

        Span<long> strides = stackalloc long[to.Layout.Rank];
        for (var axis = 0; axis < strides.Length; axis++)
        {
            strides[axis] = to.Layout.Strides[axis] * item;
        }

        TileTransfer.Walk((byte*)destination.Pointer, strides, to.Layout.Sizes.AsSpan(), 0, (byte*)source.Pointer, count, item, toTile: false);
    }
}
