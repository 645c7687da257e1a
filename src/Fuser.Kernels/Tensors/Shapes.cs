using System.Collections.Immutable;

namespace Fuser.Kernels.Tensors;

/// <summary>Arithmetic on shapes.</summary>
internal static class Shapes
{
    /// <summary>Product of the sizes.</summary>
    /// <exception cref="InputException">A size is negative or the product does not fit 63 bits.</exception>
    public static long ElementCount(ReadOnlySpan<long> sizes)
    {
        long count = 1;
        var overflow = false;
        var empty = false;
        foreach (var size in sizes)
        {
            if (size < 0)
            {
                throw new InputException(ErrorCodes.InvalidShape, $"shape {Text(sizes)} has a negative size");
            }

            empty |= size == 0;
            overflow |= size != 0 && count > long.MaxValue / size;
            count = unchecked(count * size);
        }

        return empty ? 0
            : overflow ? throw new InputException(ErrorCodes.SizeLimit, $"shape {Text(sizes)} has more than 2^63 elements")
            : count;
    }

    /// <summary>Row-major strides in elements.</summary>
    public static ImmutableArray<long> ContiguousStrides(ReadOnlySpan<long> sizes)
    {
        var strides = new long[sizes.Length];
        long stride = 1;
        for (var axis = sizes.Length - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride = unchecked(stride * System.Math.Max(sizes[axis], 1));
        }

        return ImmutableArray.Create(strides);
    }

    /// <summary>The shape two shapes broadcast to, or null when they do not.</summary>
    public static ImmutableArray<long>? TryBroadcast(ImmutableArray<long> a, ImmutableArray<long> b)
    {
        if (a.AsSpan().SequenceEqual(b.AsSpan()))
        {
            return a;
        }

        var rank = System.Math.Max(a.Length, b.Length);
        var result = new long[rank];
        for (var i = 1; i <= rank; i++)
        {
            var sizeA = i <= a.Length ? a[^i] : 1;
            var sizeB = i <= b.Length ? b[^i] : 1;
            if (sizeA != sizeB && sizeA != 1 && sizeB != 1)
            {
                return null;
            }

            result[rank - i] = sizeA == 1 ? sizeB : sizeA;
        }

        return ImmutableArray.Create(result);
    }

    /// <summary>As PyTorch prints it: <c>[4, 8]</c>.</summary>
    public static string Text(ReadOnlySpan<long> sizes) => $"[{string.Join(", ", sizes.ToArray())}]";
}
