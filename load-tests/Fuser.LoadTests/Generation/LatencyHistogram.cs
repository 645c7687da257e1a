using System.Numerics;

namespace Fuser.LoadTests.Generation;

/// <summary>
/// Times from nanoseconds to hours in 64 buckets per power of two, so that any quantile is known to within 1.6%. Counting takes a few nanoseconds and allocates nothing; histograms of
/// several threads are added up. Not safe for several threads at once.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int PerOctaveBits = 6;
    private const int PerOctave = 1 << PerOctaveBits;
    private const int Octaves = 44;

    private readonly long[] _counts = new long[Octaves * PerOctave];
    private double _sum;

    /// <summary>Values counted.</summary>
    public long Count { get; private set; }

    /// <summary>The largest value, in nanoseconds.</summary>
    public long Largest { get; private set; }

    /// <summary>The mean, in nanoseconds; 0 without values.</summary>
    public double Mean => Count == 0 ? 0 : _sum / Count;

    /// <param name="nanoseconds">Below 0 counts as 0; beyond the last bucket in the last.</param>
    public void Record(long nanoseconds)
    {
        var value = Math.Max(0, nanoseconds);
        _counts[Math.Min(Bucket(value), _counts.Length - 1)]++;
        Count++;
        _sum += value;
        Largest = Math.Max(Largest, value);
    }

    public void Add(LatencyHistogram other)
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
        _sum += other._sum;
        Largest = Math.Max(Largest, other.Largest);
    }

    /// <summary>The value that this part of all values does not exceed, in nanoseconds: the upper end of its bucket, or the largest value where that is less.</summary>
    /// <param name="quantile">From 0 to 1.</param>
    public long Quantile(double quantile)
    {
        var wanted = Math.Max(1, (long)Math.Ceiling(Math.Clamp(quantile, 0, 1) * Count));
        long seen = 0;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted)
            {
                return Math.Min(UpperEnd(i), Largest);
            }
        }

        return Largest;
    }

    private static int Bucket(long value)
    {
        if (value < PerOctave)
        {
            return (int)value;
        }

        var octave = BitOperations.Log2((ulong)value) - PerOctaveBits;
        return ((octave + 1) << PerOctaveBits) + (int)((value >> octave) - PerOctave);
    }

    private static long UpperEnd(int bucket)
    {
        if (bucket < PerOctave)
        {
            return bucket;
        }

        var octave = (bucket >> PerOctaveBits) - 1;
        return ((long)(PerOctave + (bucket & (PerOctave - 1))) << octave) + (1L << octave) - 1;
    }
}
