using Fuser.Kernels.Tensors;

namespace Fuser.Host.Outputs;

/// <summary>Arrays in words.</summary>
internal static class ArrayText
{
    private const int Shown = 6;

    /// <summary>Element type and shape, as in <c>float32[3, 4]</c>.</summary>
    public static string Type(NdArray array) => $"{array.DType.DisplayName()}{Shapes.Text(array.Shape.AsSpan())}";

    /// <summary>The first few elements in row-major order.</summary>
    public static string FirstValues(NdArray array) => array.DType switch
    {
        DType.Bool => First<bool>(array),
        DType.UInt8 => First<byte>(array),
        DType.Int8 => First<sbyte>(array),
        DType.Int16 => First<short>(array),
        DType.Int32 => First<int>(array),
        DType.Int64 => First<long>(array),
        DType.Float16 => First<Half>(array),
        DType.BFloat16 => First<BFloat16>(array),
        DType.Float32 => First<float>(array),
        _ => First<double>(array),
    };

    private static string First<T>(NdArray array)
        where T : unmanaged
    {
        var count = (int)Math.Min(array.ElementCount, Shown);
        var texts = new string[count];
        for (var i = 0; i < count; i++)
        {
            texts[i] = Element(array, i).ToArray<T>()[0].ToString()!;
        }

        return string.Join(", ", texts) + (array.ElementCount > Shown ? ", ..." : "");
    }

    /// <summary>One element as a 0-dim view, so that a huge array is not copied to show six of its elements.</summary>
    private static NdArray Element(NdArray array, long index)
    {
        var layout = array.Layout;
        var position = layout.Offset;
        for (var axis = layout.Rank - 1; axis >= 0; axis--)
        {
            (index, var coordinate) = Math.DivRem(index, layout.Sizes[axis]);
            position += coordinate * layout.Strides[axis];
        }

        return array.WithLayout(new TensorLayout([], [], position));
    }
}
