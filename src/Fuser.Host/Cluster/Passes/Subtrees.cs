using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Cluster.Passes;

/// <summary>
/// How a reduction over the first axis is cut. Its elements are numbered row-major over the reduced axes, so a part is a stretch of them; stretches of 2^k elements that start at a
/// multiple of 2^k are subtrees of the fixed tree (docs/numerics.md), and so is what is left behind the last of them.
/// </summary>
internal readonly struct Subtrees
{
    /// <param name="rows">Of a part but the last, a power of two.</param>
    public Subtrees(ReducedTensor reduction, long rows)
    {
        var shape = reduction.Source.Shape;
        PerRow = Shapes.ElementCount([.. shape.Where((_, axis) => axis > 0 && reduction.Axes[axis])]);
        Results = Shapes.ElementCount([.. shape.Where((_, axis) => !reduction.Axes[axis])]);
        Stretch = rows * (PerRow & -PerRow);
    }

    /// <summary>Elements of the tree in a row of the first axis.</summary>
    public long PerRow { get; }

    /// <summary>Trees that are made side by side, one for each result.</summary>
    public long Results { get; }

    /// <summary>Elements of a subtree: the largest power of two that a part has a whole number of.</summary>
    public long Stretch { get; }

    /// <summary>Subtrees of each tree in so many rows from a part's start on.</summary>
    public long In(long rows) => ((rows * PerRow) + Stretch - 1) / Stretch;

    /// <summary>The type that subtrees are made and passed on in, which is the one that the whole tree is made in: nothing is rounded before the end.</summary>
    public static DType TypeOf(ReducedTensor reduction) =>
        reduction.Kind == ReductionKind.Sum && reduction.DType.IsFloatingPoint() ? DType.Float64
        : reduction.DType.IsHalf() ? DType.Float32
        : reduction.DType;
}
