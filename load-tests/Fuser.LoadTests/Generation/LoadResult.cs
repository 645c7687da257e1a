namespace Fuser.LoadTests.Generation;

/// <summary>One run at one rate.</summary>
/// <param name="Rate">Requests a second that were due.</param>
/// <param name="Seconds">How long was measured, the warm-up left out.</param>
/// <param name="Achieved">Right answers a second that came while it was measured.</param>
/// <param name="Latency">Of right answers to requests that were due after the warm-up, from when each was due.</param>
/// <param name="Lag">By how much the generator was late with each request; a part of its latency.</param>
/// <param name="ErrorCodes">Errors by their code.</param>
/// <param name="Problems">Some of the errors in words.</param>
internal sealed record LoadResult(
    double Rate,
    double Seconds,
    double Achieved,
    LatencyHistogram Latency,
    LatencyHistogram Lag,
    Tally Tally,
    IReadOnlyDictionary<string, long> ErrorCodes,
    IReadOnlyList<string> Problems)
{
    /// <summary>Requests that were under way at a time, by Little's law: a check of the latencies, which must not say that there were more than allowed.</summary>
    public double UnderWay => Achieved * Latency.Mean / 1e9;
}
