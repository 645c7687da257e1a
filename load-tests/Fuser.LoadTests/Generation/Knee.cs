namespace Fuser.LoadTests.Generation;

/// <summary>Finds what a system holds: rates rise by a factor until it no longer keeps up.</summary>
internal static class Knee
{
    /// <summary>Below this part of the rate, the system has not kept up.</summary>
    private const double Kept = 0.97;

    /// <summary>Whether a run kept up: nearly all that was due was answered right, and 99% of it within the bound.</summary>
    public static bool IsHeld(LoadResult result, TimeSpan slowest) =>
        result.Achieved >= result.Rate * Kept && result.Tally.Errors == 0 && result.Tally.Unsent == 0 && result.Latency.Quantile(0.99) <= slowest.TotalNanoseconds;

    /// <summary>Runs at rising rates until two in a row are not held.</summary>
    /// <returns>All runs, and the highest rate held; 0 when the first was not.</returns>
    public static async Task<(IReadOnlyList<LoadResult> Runs, double Held)> FindAsync(double first, double factor, double last, TimeSpan slowest, Func<double, Task<LoadResult>> run)
    {
        var runs = new List<LoadResult>();
        var (held, missed) = (0.0, 0);
        for (var rate = first; rate <= last && missed < 2; rate *= factor)
        {
            var result = await run(rate).ConfigureAwait(false);
            runs.Add(result);
            (held, missed) = IsHeld(result, slowest) ? (rate, 0) : (held, missed + 1);
        }

        return (runs, held);
    }
}
