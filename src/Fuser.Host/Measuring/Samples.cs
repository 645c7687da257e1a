using System.Diagnostics;

namespace Fuser.Host.Measuring;

/// <summary>Times of one action, in seconds. Actions shorter than the clock is good for are timed several at once.</summary>
internal sealed class Samples
{
    // Reading the clock takes some 25 ns: within half a percent of this.
    private static readonly long s_shortest = Stopwatch.Frequency / 200_000;

    private readonly List<double> _times = [];
    private int _repeats = 1;

    /// <summary>How many there are.</summary>
    public int Count => _times.Count;

    /// <summary>The time that half of the samples do not exceed.</summary>
    public double Median => Quantile(0.5);

    /// <summary>The time that the given part of the samples does not exceed.</summary>
    public double Quantile(double part)
    {
        var sorted = _times.Order().ToArray();
        return sorted[(int)Math.Clamp(Math.Ceiling(part * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    /// <summary>Takes samples for some seconds, at least one.</summary>
    public void Collect(Action action, double seconds)
    {
        var deadline = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        do
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < _repeats; i++)
            {
                action();
            }

            var time = Stopwatch.GetTimestamp() - start;
            if (time < s_shortest)
            {
                // Too short to be a sample: take more at once from now on.
                _repeats *= 2;
            }
            else
            {
                _times.Add(time / (double)Stopwatch.Frequency / _repeats);
            }
        }
        while (_times.Count == 0 || Stopwatch.GetTimestamp() < deadline);
    }
}
