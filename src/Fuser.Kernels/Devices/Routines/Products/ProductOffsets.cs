namespace Fuser.Kernels.Devices.Routines.Products;

/// <summary>Writes down where consecutive indices of some axes lie, so that nothing inside the loops has to know of axes.</summary>
internal static unsafe class ProductOffsets
{
    /// <summary>The offsets, in elements, of <paramref name="count"/> indices from <paramref name="first"/> on, in row-major order.</summary>
    /// <param name="left">In the left operand; null if not wanted, as the others.</param>
    public static void Fill(ReadOnlySpan<ProductAxis> axes, long first, int count, long* left, long* right, long* result)
    {
        for (var done = 0; done < count;)
        {
            // One run along the innermost axis at a time.
            var (l, r, d, rest) = (0L, 0L, 0L, first + done);
            for (var axis = axes.Length - 1; axis >= 0; axis--)
            {
                (rest, var index) = Math.DivRem(rest, axes[axis].Size);
                (l, r, d) = (l + (index * axes[axis].Left), r + (index * axes[axis].Right), d + (index * axes[axis].Result));
            }

            var inner = axes.IsEmpty ? new ProductAxis(1, 0, 0, 0) : axes[^1];
            var run = (int)Math.Min(count - done, inner.Size - ((first + done) % inner.Size));
            Run(left, done, run, l, inner.Left);
            Run(right, done, run, r, inner.Right);
            Run(result, done, run, d, inner.Result);
            done += run;
        }
    }

    /// <summary>Whether offsets are one behind the other.</summary>
    public static bool AreConsecutive(long* offsets, int count)
    {
        for (var i = 1; i < count; i++)
        {
            if (offsets[i] != offsets[0] + i)
            {
                return false;
            }
        }

        return true;
    }

    private static void Run(long* offsets, int at, int count, long start, long stride)
    {
        if (offsets != null)
        {
            for (var i = 0; i < count; i++)
            {
                offsets[at + i] = start + (i * stride);
            }
        }
    }
}
