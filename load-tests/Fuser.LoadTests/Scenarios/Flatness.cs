using System.Globalization;

namespace Fuser.LoadTests.Scenarios;

/// <summary>
/// Whether a process stays as it is: the median of its last third may be above that of its first by a tenth and a little. Medians, because one collection of garbage more or less is no growth. The
/// first tenth of the time is left out of all: caches and pools fill then.
/// </summary>
internal sealed class Flatness
{
    private const double Growth = 1.10;
    private const double LeftOut = 0.1;
    private const int FewestSamples = 30;

    /// <summary>In less than this, a runtime has not found its heap's size yet.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(4);

    private readonly Lock _lock = new();
    private readonly List<(long Bytes, int Handles, int Threads)> _samples = [];

    public void Add((long Bytes, int Handles, int Threads) sample)
    {
        lock (_lock)
        {
            _samples.Add(sample);
        }
    }

    /// <param name="duration">How long the samples took.</param>
    public (IReadOnlyList<string> Facts, IReadOnlyList<string> Failures) Judge(TimeSpan duration)
    {
        List<(long Bytes, int Handles, int Threads)> samples;
        lock (_lock)
        {
            samples = [.. _samples.Skip((int)(_samples.Count * LeftOut))];
        }

        if (samples.Count < FewestSamples)
        {
            return ([$"flatness is not judged: {samples.Count} samples are too few"], []);
        }

        var (facts, failures) = (new List<string>(), new List<string>());
        Compare("memory, MiB", 16, sample => sample.Bytes / 1048576.0);
        Compare("handles", 16, sample => sample.Handles);
        Compare("threads", 8, sample => sample.Threads);
        if (duration < Shortest)
        {
            facts.Add(string.Create(CultureInfo.InvariantCulture, $"flatness is not judged: {duration.TotalMinutes:0.#} minutes are too short to tell growth from warming up"));
            failures.Clear();
        }

        return (facts, failures);

        void Compare(string what, double slack, Func<(long Bytes, int Handles, int Threads), double> value)
        {
            var third = samples.Count / 3;
            var (first, last) = (Median(samples.Take(third).Select(value)), Median(samples.TakeLast(third).Select(value)));
            facts.Add(string.Create(CultureInfo.InvariantCulture, $"{what}: {first:0.#} in the first third, {last:0.#} in the last"));
            if (last > (first * Growth) + slack)
            {
                failures.Add(string.Create(CultureInfo.InvariantCulture, $"{what} grew from {first:0.#} to {last:0.#}; more than a tenth and {slack:0} is no noise"));
            }
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
