using System.Collections.Immutable;

namespace Fuser.Kernels.Tensors;

/// <summary>
/// How a tensor's elements lie in memory: sizes, strides in elements (any sign, 0 repeats), and where the element with
/// all indices 0 is. Immutable; views are new layouts over the same memory.
/// </summary>
public readonly record struct TensorLayout
{
    /// <summary>The most axes a tensor can have, as in NumPy and PyTorch.</summary>
    public const int MaxRank = 64;

    /// <summary>Creates a layout.</summary>
    /// <param name="sizes">Sizes, outermost first; none may be negative.</param>
    /// <param name="strides">One per size, in elements.</param>
    /// <param name="offset">Position of the first element, in elements.</param>
    /// <exception cref="InputException">The counts differ, there are more than <see cref="MaxRank"/>, a size is negative, or the element count overflows.</exception>
    public TensorLayout(ImmutableArray<long> sizes, ImmutableArray<long> strides, long offset = 0)
    {
        if (sizes.Length != strides.Length)
        {
            throw new InputException(ErrorCodes.InvalidShape, $"got {sizes.Length} sizes and {strides.Length} strides; give one stride per size");
        }

        if (sizes.Length > MaxRank)
        {
            throw TooManyAxes(sizes.Length);
        }

        Sizes = sizes;
        Strides = strides;
        Offset = offset;
        ElementCount = Shapes.ElementCount(sizes.AsSpan());
    }

    /// <summary>Sizes, outermost first.</summary>
    public ImmutableArray<long> Sizes { get; }

    /// <summary>Distance in elements between neighbours along each axis.</summary>
    public ImmutableArray<long> Strides { get; }

    /// <summary>Position of the element with all indices 0, in elements.</summary>
    public long Offset { get; }

    /// <summary>Product of the sizes; 1 for a 0-dim tensor.</summary>
    public long ElementCount { get; }

    /// <summary>Number of axes.</summary>
    public int Rank => Sizes.Length;

    /// <summary>Row-major without gaps.</summary>
    public static TensorLayout Contiguous(ImmutableArray<long> sizes) => new(sizes, Shapes.ContiguousStrides(sizes.AsSpan()));

    /// <summary>Whether the elements lie row-major without gaps; sizes of 1 do not matter.</summary>
    public bool IsContiguous
    {
        get
        {
            long expected = 1;
            for (var axis = Rank - 1; axis >= 0; axis--)
            {
                if (Sizes[axis] != 1 && Strides[axis] != expected)
                {
                    return ElementCount == 0;
                }

                expected *= Sizes[axis];
            }

            return true;
        }
    }

    /// <summary>The lowest and highest position any element has; meaningless without elements.</summary>
    public (Int128 Lowest, Int128 Highest) Extent
    {
        get
        {
            Int128 lowest = Offset, highest = Offset;
            for (var axis = 0; axis < Rank; axis++)
            {
                var reach = (Int128)(Sizes[axis] - 1) * Strides[axis];
                lowest += Int128.Min(reach, 0);
                highest += Int128.Max(reach, 0);
            }

            return (lowest, highest);
        }
    }

    internal static InputException TooManyAxes(int rank) =>
        new(ErrorCodes.SizeLimit, $"a tensor would have {rank} axes, at most {MaxRank} are allowed; merge some with a reshape");

    /// <inheritdoc/>
    public bool Equals(TensorLayout other) =>
        Offset == other.Offset && Sizes.AsSpan().SequenceEqual(other.Sizes.AsSpan()) && Strides.AsSpan().SequenceEqual(other.Strides.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Offset);
        for (var axis = 0; axis < Rank; axis++)
        {
            hash.Add(Sizes[axis]);
            hash.Add(Strides[axis]);
        }

        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Shapes.Text(Sizes.AsSpan())} strides {Shapes.Text(Strides.AsSpan())}";
}
