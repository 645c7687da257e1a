namespace Fuser.Kernels.Devices.Routines.Products;

/// <summary>An axis of a contraction: its size, and the strides in elements with which it runs through the operands and the result; 0 where it does not.</summary>
internal readonly record struct ProductAxis(long Size, long Left, long Right, long Result)
{
    /// <summary>The axis seen with the operands exchanged.</summary>
    public ProductAxis Exchanged => new(Size, Right, Left, Result);

    /// <summary>The same index space with as few axes as possible: sizes of 1 dropped, neighbours made one where all strides allow it.</summary>
    public static ProductAxis[] Merge(IEnumerable<ProductAxis> axes)
    {
        var merged = new List<ProductAxis>();
        foreach (var axis in axes.Where(axis => axis.Size != 1))
        {
            if (merged.Count > 0 && merged[^1] is var outer && outer.Left == axis.Left * axis.Size && outer.Right == axis.Right * axis.Size && outer.Result == axis.Result * axis.Size)
            {
                merged[^1] = axis with { Size = outer.Size * axis.Size };
            }
            else
            {
                merged.Add(axis);
            }
        }

        return [.. merged];
    }

    /// <summary>How many indices the axes have together.</summary>
    public static long Count(ReadOnlySpan<ProductAxis> axes)
    {
        long count = 1;
        foreach (var axis in axes)
        {
            count *= axis.Size;
        }

        return count;
    }
}
