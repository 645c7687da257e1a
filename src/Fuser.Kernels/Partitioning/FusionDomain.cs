using System.Collections.Immutable;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>
/// The index space a kernel runs over, and which of its axes are reduced. Indices that differ in reduced axes only are one row. Without
/// reduced axes the kernel is elementwise.
/// </summary>
internal sealed class FusionDomain
{
    private FusionDomain(ImmutableArray<long> shape, ImmutableArray<bool> reduced)
    {
        Shape = shape;
        Reduced = reduced;
        HasReductions = reduced.Contains(true);
    }

    public ImmutableArray<long> Shape { get; }

    /// <summary>Per axis; empty or all false for an elementwise kernel.</summary>
    public ImmutableArray<bool> Reduced { get; }

    public bool HasReductions { get; }

    /// <summary>Equal for domains whose kernels can be one.</summary>
    public string Key => field ??= HasReductions ? $"{Shapes.Text(Shape.AsSpan())} {string.Concat(Reduced.Select(axis => axis ? 'r' : '.'))}" : Shapes.Text(Shape.AsSpan());

    public static FusionDomain Elementwise(ImmutableArray<long> shape) => new(shape, []);

    /// <summary>The domain in which a reduction is made; no axis it reduces has size 0 or 1.</summary>
    public static FusionDomain Of(ReducedTensor reduced) => new(reduced.Source.Shape, reduced.Axes);

    /// <summary>Whether what is seen by the map is the same for all elements of a row.</summary>
    public bool IsPerRow(IndexMap map) => HasReductions && !map.Axes.Any(source => source.Dimension >= 0 && Reduced[source.Dimension]);

    /// <summary>Whether a reduction, seen by the map, is one value per row of this domain, that of the row itself.</summary>
    public bool Sees(ReducedTensor reduced, IndexMap map)
    {
        if (!HasReductions || !reduced.Source.Shape.AsSpan().SequenceEqual(Shape.AsSpan()) || !reduced.Axes.AsSpan().SequenceEqual(Reduced.AsSpan()))
        {
            return false;
        }

        for (var axis = 0; axis < Shape.Length; axis++)
        {
            if (!Reduced[axis] && Shape[axis] != 1 && map.Axes[axis] != AxisSource.Of(axis))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// How a tensor of that shape lies in this domain: element for element, or row for row, so that the reduction the domain is of, which the tensor sees by
    /// <paramref name="map"/>, is the value of the row. Null when it lies in no such way.
    /// </summary>
    public IndexMap? Place(ImmutableArray<long> shape, IndexMap map) => ElementForElement(shape, map) ?? RowForRow(shape, map);

    /// <summary>Every axis of the tensor is one that is not reduced, each once.</summary>
    private IndexMap? RowForRow(ImmutableArray<long> shape, IndexMap map)
    {
        var sources = new AxisSource[shape.Length];
        Array.Fill(sources, AxisSource.Fixed(0));
        var placed = 0;
        for (var axis = 0; axis < Shape.Length; axis++)
        {
            if (Reduced[axis] || Shape[axis] == 1)
            {
                continue;
            }

            var source = map.Axes[axis];
            if (source.Dimension < 0 || source.Step != 1 || source.Offset != 0 || shape[source.Dimension] != Shape[axis] || sources[source.Dimension].Dimension >= 0)
            {
                return null;
            }

            sources[source.Dimension] = AxisSource.Of(axis);
            placed++;
        }

        return placed == shape.Count(size => size != 1) ? new IndexMap([.. sources]) : null;
    }

    /// <summary>The same shape but for axes of size 1, which a view adds and takes away.</summary>
    private IndexMap? ElementForElement(ImmutableArray<long> shape, IndexMap map)
    {
        var sources = new AxisSource[shape.Length];
        Array.Fill(sources, AxisSource.Fixed(0));
        var dimension = 0;
        for (var axis = 0; axis < Shape.Length; axis++)
        {
            if (Shape[axis] == 1)
            {
                if (dimension < shape.Length && shape[dimension] == 1)
                {
                    sources[dimension++] = AxisSource.Of(axis);
                }

                continue;
            }

            while (dimension < shape.Length && shape[dimension] == 1)
            {
                dimension++;
            }

            if (dimension == shape.Length || shape[dimension] != Shape[axis] || (!Reduced[axis] && map.Axes[axis] != AxisSource.Of(dimension)))
            {
                return null;
            }

            sources[dimension++] = AxisSource.Of(axis);
        }

        return shape.AsSpan()[dimension..].ContainsAnyExcept(1) ? null : new IndexMap([.. sources]);
    }
}
