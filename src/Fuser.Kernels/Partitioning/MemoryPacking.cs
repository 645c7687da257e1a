using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>A buffer that needs so many bytes from step <paramref name="First"/> to step <paramref name="Last"/>, both included.</summary>
internal readonly record struct PackedBuffer(int Buffer, long Bytes, int First, int Last)
{
    public bool LivesWith(in PackedBuffer other) => First <= other.Last && other.First <= Last;
}

/// <summary>Gives buffers places in one block so that no two that live at the same time overlap, and the block stays small.</summary>
internal static class MemoryPacking
{
    /// <summary>More buffers than this are placed by the quick way: the good one compares every two.</summary>
    public const int MostCompared = 2048;

    /// <param name="offsets">By buffer; filled.</param>
    /// <returns>Bytes of the block.</returns>
    public static long Place(List<PackedBuffer> buffers, Span<long> offsets) =>
        buffers.Count <= MostCompared ? PlaceLargestFirst(buffers, offsets) : PlaceInOrder(buffers, offsets);

    /// <summary>
    /// Best fit, largest first: each goes into the smallest gap that is free as long as it lives. Small ones then fill what large ones leave, which the order of the steps
    /// would not give: a buffer that outlives its neighbours would split the block for good.
    /// </summary>
    public static long PlaceLargestFirst(List<PackedBuffer> buffers, Span<long> offsets)
    {
        var placed = new List<(long Offset, PackedBuffer Buffer)>(buffers.Count); // by offset
        long size = 0;
        foreach (var buffer in buffers.OrderByDescending(buffer => buffer.Bytes).ThenBy(buffer => buffer.First).ThenBy(buffer => buffer.Buffer))
        {
            var offset = BestGap(placed, buffer);
            offsets[buffer.Buffer] = offset;
            size = System.Math.Max(size, MemorySizes.Sum(offset, buffer.Bytes));
            var position = placed.FindIndex(other => other.Offset >= offset);
            placed.Insert(position < 0 ? placed.Count : position, (offset, buffer));
        }

        return size;
    }

    private static long BestGap(List<(long Offset, PackedBuffer Buffer)> placed, in PackedBuffer wanted)
    {
        long end = 0, best = -1, bestGap = long.MaxValue;
        foreach (var (offset, other) in placed)
        {
            if (!other.LivesWith(wanted))
            {
                continue;
            }

            var gap = offset - end;
            if (gap >= wanted.Bytes && gap < bestGap)
            {
                (best, bestGap) = (end, gap);
            }

            end = System.Math.Max(end, MemorySizes.Sum(offset, other.Bytes));
        }

        return best < 0 ? end : best;
    }

    /// <summary>In the order of the steps, each in the smallest place that was left by then and is large enough, whole; a new place otherwise.</summary>
    public static long PlaceInOrder(List<PackedBuffer> buffers, Span<long> offsets)
    {
        var free = new SortedSet<(long Bytes, long Offset)>();
        var living = new PriorityQueue<(long Bytes, long Offset), int>();
        long size = 0;
        foreach (var buffer in buffers.OrderBy(buffer => buffer.First).ThenByDescending(buffer => buffer.Bytes))
        {
            while (living.TryPeek(out var ended, out var last) && last < buffer.First)
            {
                living.Dequeue();
                free.Add(ended);
            }

            var place = free.GetViewBetween((buffer.Bytes, 0), (long.MaxValue, long.MaxValue)).Min;
            if (place.Bytes >= buffer.Bytes && free.Remove(place))
            {
                offsets[buffer.Buffer] = place.Offset;
            }
            else
            {
                place = (buffer.Bytes, size);
                offsets[buffer.Buffer] = size;
                size = MemorySizes.Sum(size, buffer.Bytes);
            }

            living.Enqueue(place, buffer.Last);
        }

        return size;
    }
}
