using System.Collections.Immutable;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Cluster.Passes;

/// <summary>Finds the view that a layout over a row-major input is: the evaluation of a graph keeps the layout alone, and a graph for a part needs the view.</summary>
internal static class InputLook
{
    /// <param name="layout">In the memory of the input.</param>
    /// <param name="shape">Of the input.</param>
    /// <returns>Null when no slices, steps and permutations give that layout.</returns>
    public static View? Of(TensorLayout layout, ImmutableArray<long> shape)
    {
        if (layout.Offset == 0 && layout.IsContiguous && layout.ElementCount == Shapes.ElementCount(shape.AsSpan()))
        {
            return ViewOperations.ReshapeTo(shape, layout.Sizes);
        }

        var strides = Shapes.ContiguousStrides(shape.AsSpan());
        var axes = new AxisSource[shape.Length];
        var rest = layout.Offset;
        for (var axis = 0; axis < axes.Length; axis++)
        {
            var index = shape[axis] > 1 ? rest / strides[axis] : 0;
            axes[axis] = AxisSource.Fixed(index);
            rest -= index * strides[axis];
        }

        for (var dimension = 0; dimension < layout.Rank; dimension++)
        {
            var stride = layout.Strides[dimension];
            if (layout.Sizes[dimension] == 1 || stride == 0)
            {
                continue;
            }

            var axis = Array.FindIndex(axes, 0, source => source.Dimension < 0);
            while (axis >= 0 && (axes[axis].Dimension >= 0 || shape[axis] == 1 || Math.Abs(stride) < strides[axis]))
            {
                axis = axis + 1 < axes.Length ? axis + 1 : -1;
            }

            if (axis < 0)
            {
                return null;
            }

            axes[axis] = new AxisSource(dimension, stride / strides[axis], axes[axis].Offset);
        }

        // Whatever was guessed above, the view is right if and only if it stays in the input and has the layout.
        var map = new IndexMap([.. axes]);
        var isInside = axes.Select((source, axis) => (source.Offset, Last: source.Offset + (source.Dimension < 0 ? 0 : source.Step * (layout.Sizes[source.Dimension] - 1)), Size: shape[axis]))
            .All(reach => reach.Offset >= 0 && reach.Offset < reach.Size && reach.Last >= 0 && reach.Last < reach.Size);
        return isInside && HasLayout(map.Apply(TensorLayout.Contiguous(shape), layout.Sizes), layout) ? new View(layout.Sizes, map) : null;
    }

    private static bool HasLayout(TensorLayout found, TensorLayout wanted) =>
        found.Offset == wanted.Offset && wanted.Sizes.Select((size, axis) => size == 1 || found.Strides[axis] == wanted.Strides[axis]).All(same => same);
}
