namespace Fuser.Host.Telemetry;

/// <summary>What one instrument measured under one set of labels.</summary>
/// <param name="bounds">Upper bounds of a histogram's buckets, ascending; null for everything that is no histogram.</param>
internal sealed class MetricSeries(double[]? bounds)
{
    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[(bounds?.Length ?? 0) + 1];
    private double _sum;

    /// <summary>The collection in which an observed value was last reported.</summary>
    public long Generation { get; private set; }

    public void Add(double value)
    {
        lock (_lock)
        {
            _sum += value;
            if (bounds is not null)
            {
                var bucket = Array.BinarySearch(bounds, value);
                _counts[bucket >= 0 ? bucket : ~bucket]++;
            }
        }
    }

    /// <summary>Takes a value as it is.</summary>
    public void Set(double value)
    {
        lock (_lock)
        {
            _sum = value;
        }
    }

    /// <summary>Takes a value that was observed for a collection.</summary>
    public void Observe(double value, long generation)
    {
        lock (_lock)
        {
            // Two measurements with the same labels in one collection are parts of one thing.
            _sum = Generation == generation ? _sum + value : value;
            Generation = generation;
        }
    }

    /// <summary>The value, or the sum of what a histogram saw, and how many fell into each bucket.</summary>
    public (double Sum, long[] Counts) Read()
    {
        lock (_lock)
        {
            return (_sum, [.. _counts]);
        }
    }
}
