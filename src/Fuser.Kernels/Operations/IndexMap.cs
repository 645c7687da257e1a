using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Operations;

/// <summary>Where an index along one axis comes from: <c>Offset + Step * i[Dimension]</c>, or just the offset when the dimension is -1.</summary>
internal readonly record struct AxisSource(int Dimension, long Step, long Offset)
{
    public static AxisSource Of(int dimension) => new(dimension, 1, 0);

    public static AxisSource Fixed(long offset) => new(-1, 0, offset);
}

/// <summary>
/// How the elements of one index space lie in another: for each axis of the source, where its index comes from. Broadcasting,
/// slices, chunks and permutations are all such maps, and they compose, which is what lets a view of a computed
/// value be computed without ever making the value.
/// </summary>
internal sealed class IndexMap(ImmutableArray<AxisSource> axes) : IEquatable<IndexMap>
{
    /// <summary>Whether it is one of the identities that are made once.</summary>
    private bool IsIdentity => Axes.Length < Identities.Length && ReferenceEquals(Identities[Axes.Length], this);

    /// <summary>One per axis of the source.</summary>
    public ImmutableArray<AxisSource> Axes { get; } = axes;

    private static readonly ImmutableArray<IndexMap> Identities = [.. Enumerable.Range(0, 9).Select(NewIdentity)];

    public static IndexMap Identity(int rank) => rank < Identities.Length ? Identities[rank] : NewIdentity(rank);

    private static IndexMap NewIdentity(int rank) => new([.. Enumerable.Range(0, rank).Select(AxisSource.Of)]);

    /// <summary>From the index space of the broadcast shape to that of one of its operands.</summary>
    public static IndexMap Broadcast(ImmutableArray<long> operand, ImmutableArray<long> shape)
    {
        var axes = ImmutableArray.CreateBuilder<AxisSource>(operand.Length);
        for (var axis = 0; axis < operand.Length; axis++)
        {
            var dimension = axis + shape.Length - operand.Length;
            axes.Add(operand[axis] == 1 && shape[dimension] != 1 ? AxisSource.Fixed(0) : AxisSource.Of(dimension));
        }

        return new IndexMap(axes.MoveToImmutable());
    }

    /// <summary>First <paramref name="first"/> (from some space to this map's index space), then this map.</summary>
    public IndexMap After(IndexMap first) => IsIdentity && first.Axes.Length == Axes.Length ? first : new(ImmutableArray.CreateRange(Axes, (axis, outer) =>
    {
        if (axis.Dimension < 0)
        {
            return axis;
        }

        var source = outer.Axes[axis.Dimension];
        return new AxisSource(source.Dimension, axis.Step * source.Step, axis.Offset + (axis.Step * source.Offset));
    }, first));

    /// <summary>The layout, over the space this map starts from, of a source that has the given layout.</summary>
    public TensorLayout Apply(TensorLayout source, ImmutableArray<long> shape)
    {
        var strides = new long[shape.Length];
        var offset = source.Offset;
        for (var axis = 0; axis < Axes.Length; axis++)
        {
            var (dimension, step, start) = Axes[axis];
            offset += start * source.Strides[axis];
            if (dimension >= 0)
            {
                strides[dimension] += step * source.Strides[axis];
            }
        }

        return new TensorLayout(shape, ImmutableArray.Create(strides), offset);
    }

    public bool Equals(IndexMap? other) => other is not null && Axes.AsSpan().SequenceEqual(other.Axes.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as IndexMap);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var axis in Axes)
        {
            hash.Add(axis);
        }

        return hash.ToHashCode();
    }
}
