using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>Reshapes strided memory without copying, where strides can express the new shape.</summary>
internal static class Reshaping
{
    /// <summary>The layout, or null when the elements have to be moved. Sizes must agree in number of elements.</summary>
    public static TensorLayout? TryReshape(TensorLayout source, ImmutableArray<long> sizes)
    {
        if (source.ElementCount == 0 || source.IsContiguous)
        {
            return new TensorLayout(sizes, Shapes.ContiguousStrides(sizes.AsSpan()), source.Offset);
        }

        // Runs of source axes that lie without gaps are matched, from the inside out, with runs of new axes of the same number of elements.
        var strides = new long[sizes.Length];
        var view = sizes.Length - 1;
        var stride = source.Strides.Length == 0 ? 1 : source.Strides[^1];
        long runElements = 1, viewElements = 1;
        for (var axis = source.Rank - 1; axis >= 0; axis--)
        {
            runElements *= source.Sizes[axis];
            var endsRun = axis == 0 || (source.Sizes[axis - 1] != 1 && source.Strides[axis - 1] != runElements * stride);
            if (!endsRun)
            {
                continue;
            }

            while (view >= 0 && (viewElements < runElements || sizes[view] == 1))
            {
                strides[view] = viewElements * stride;
                viewElements *= sizes[view];
                view--;
            }

            if (viewElements != runElements)
            {
                return null;
            }

            if (axis > 0)
            {
                stride = source.Strides[axis - 1];
                runElements = viewElements = 1;
            }
        }

        return view < 0 ? new TensorLayout(sizes, ImmutableArray.Create(strides), source.Offset) : null;
    }
}
