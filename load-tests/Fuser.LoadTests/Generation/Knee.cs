using System.Globalization;

namespace Fuser.LoadTests.Generation;

/// <summary>What a system was found to hold.</summary>
/// <param name="Runs">All runs, in their order.</param>
/// <param name="Held">The highest rate that was kept up with; 0 when none was.</param>
/// <param name="Limit">Why it is not higher.</param>
internal sealed record KneeResult(IReadOnlyList<LoadResult> Runs, double Held, string Limit);

/// <summary>
/// Finds what a system holds. A rate is held when 97% of what was due was answered right within the time (up to two requests may be missing from short runs), nothing failed, nothing had to
/// be left out, and 99% was answered within a bound. Rates double until one is missed twice in a row, as a machine may be busy with something else for a moment; then the range
/// between the last one held and that one is halved, on a logarithmic scale. When the first rate is missed already, it is divided by four, a few times.
/// </summary>
/// <param name="slowest">The bound for 99%.</param>
/// <param name="refinements">How often the range is halved.</param>
/// <param name="factor">By what rates rise.</param>
internal sealed class Knee(TimeSpan slowest, int refinements, double factor = 2)
{
    private const double Kept = 0.97;
    private const double MayBeMissing = 2;
    private const int Descents = 4;

    /// <summary>Why a run did not keep up; null when it did.</summary>
    public static string? WhyNot(LoadResult result, TimeSpan slowest)
    {
        var missing = (result.Rate - result.Achieved) * result.Seconds;
        return result switch
        {
            { Tally.Errors: > 0 } => $"{result.Tally.Errors} of {result.Tally.Sent} requests failed ({string.Join(", ", result.ErrorCodes.Select(code => $"{code.Key}: {code.Value}"))})",
            { Tally.Unsent: > 0 } => $"{result.Tally.Unsent} requests found no room",
            { Tally.IsSound: false } => "answers were lost, wrong or came twice",
            _ when missing > MayBeMissing && result.Achieved < result.Rate * Kept => string.Create(CultureInfo.InvariantCulture, $"{result.Achieved:0.##} of {result.Rate:0.##} a second were answered in time"),
            _ when result.Latency.Quantile(0.99) > slowest.TotalNanoseconds => string.Create(CultureInfo.InvariantCulture, $"p99 was {result.Latency.Quantile(0.99) / 1e6:0.#} ms, more than {slowest.TotalMilliseconds:0.#}"),
            _ => null,
        };
    }

    /// <param name="first">The first rate.</param>
    /// <param name="last">The highest rate that is tried.</param>
    public async Task<KneeResult> FindAsync(double first, double last, Func<double, Task<LoadResult>> run)
    {
        var runs = new List<LoadResult>();
        var (held, limit) = (0.0, "");
        var missed = double.PositiveInfinity;
        var rate = Math.Min(first, last);
        for (var descents = 0; await MissesAsync(rate).ConfigureAwait(false); rate /= 4)
        {
            missed = rate;
            if (++descents > Descents)
            {
                return new KneeResult(runs, 0, limit);
            }
        }

        held = rate;
        while (double.IsPositiveInfinity(missed) && held < last)
        {
            rate = Math.Min(last, held * factor);
            (held, missed) = await MissesAsync(rate).ConfigureAwait(false) ? (held, rate) : (rate, missed);
        }

        for (var i = 0; i < refinements && !double.IsPositiveInfinity(missed); i++)
        {
            rate = Math.Sqrt(held * missed);
            (held, missed) = await MissesAsync(rate).ConfigureAwait(false) ? (held, rate) : (rate, missed);
        }

        return new KneeResult(runs, held, double.IsPositiveInfinity(missed) ? "higher rates were not tried" : limit);

        async Task<bool> MissesAsync(double rate)
        {
            for (var attempt = 0; attempt < 2; attempt++)
            {
                var result = await run(rate).ConfigureAwait(false);
                runs.Add(result);
                if (WhyNot(result, slowest) is not { } reason)
                {
                    return false;
                }

                limit = reason;
            }

            return true;
        }
    }
}
