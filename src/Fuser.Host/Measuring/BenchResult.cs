namespace Fuser.Host.Measuring;

/// <summary>What <c>bench</c> found. Times of runs are medians, in seconds.</summary>
/// <param name="CompileTime">Compiling all kernels of the graph in a process that has compiled before.</param>
/// <param name="Median">A run.</param>
/// <param name="Slowest">A run that only one in a hundred exceeds.</param>
/// <param name="Samples">How many runs or bundles of runs were timed.</param>
/// <param name="Elements">Elements of the largest array.</param>
/// <param name="Bytes">Inputs read once and outputs written once.</param>
/// <param name="LimitMedian">The best bare loop over the same arrays.</param>
/// <param name="Limit">That loop in words.</param>
internal sealed record BenchResult(TimeSpan CompileTime, double Median, double Slowest, int Samples, long Elements, long Bytes, double LimitMedian, string Limit)
{
    /// <summary>Bandwidth of a run, in 10^9 bytes a second.</summary>
    public double GigabytesPerSecond => Bytes / Median / 1e9;

    /// <summary>Bandwidth of the bare loop, in 10^9 bytes a second.</summary>
    public double LimitGigabytesPerSecond => Bytes / LimitMedian / 1e9;

    /// <summary>How close a run comes to the limit: 1 is there.</summary>
    public double Ratio => LimitMedian / Median;
}
