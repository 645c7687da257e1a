namespace Fuser.Kernels.Operations;

/// <summary>
/// What each window of a plane comes to: [batch, channels, height, width] gives [batch, channels, rows, columns]. The greatest value, with a second result its place in the plane as int64;
/// or the mean, added up in float64 in row-major order and rounded after the division.
/// </summary>
/// <param name="Divisor">Divides sums instead of the number of elements; null for that.</param>
internal sealed record Pooling(string Kind, bool IsMaximum, PoolAxis Rows, PoolAxis Columns, long? Divisor) : Routine(Kind);

/// <summary>The windows along one axis of size <paramref name="Input"/>.</summary>
/// <param name="Output">How many windows.</param>
/// <param name="Kernel">Elements of a window; 0 when the windows divide the axis as evenly as can be.</param>
/// <param name="CountsPadding">Whether a mean counts what is added around the axis.</param>
internal readonly record struct PoolAxis(long Input, long Output, long Kernel, long Stride, long Padding, long Dilation, bool CountsPadding)
{
    /// <summary>Windows that divide an axis as evenly as can be; they overlap where they must.</summary>
    public static PoolAxis Adaptive(long input, long output) => new(input, output, 0, 0, 0, 1, false);

    /// <summary>An axis that is left as it is.</summary>
    public static PoolAxis Single { get; } = new(1, 1, 1, 1, 0, 1, false);

    /// <summary>Where a window begins and ends on the axis, and what it counts in a mean.</summary>
    public (long First, long End, long Counted) Window(long index)
    {
        if (Kernel == 0)
        {
            var (start, stop) = (index * Input / Output, (((index + 1) * Input) + Output - 1) / Output);
            return (start, stop, stop - start);
        }

        var first = (index * Stride) - Padding;
        var end = first + ((Kernel - 1) * Dilation) + 1;
        var counted = Math.Min(end, Input + Padding) - first;
        if (first < 0)
        {
            first += (-first + Dilation - 1) / Dilation * Dilation;
        }

        end = Math.Min(end, Input);
        return (first, end, CountsPadding ? counted : Math.Max(end - first, 0));
    }
}
