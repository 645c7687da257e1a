namespace Fuser.Actors.Caching;

/// <summary>
/// Counts runs that hold a kernel. Taken and given back are counted apart, and given back is read first: whatever threads do meanwhile, the
/// difference is never too small, so "none" is never said while a run that was there at the start still is.
/// </summary>
internal sealed class LeaseCounter
{
    private const int LongsPerLine = 16; // two cache lines: processors fetch lines in pairs

    // Every kernel has one of these, so they share lines sooner than the counters of the system do.
    private static readonly int Stripes = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(Environment.ProcessorCount, 1, 16));

    private readonly long[] _counts = new long[Stripes * LongsPerLine];

    public bool AnyTaken
    {
        get
        {
            var given = Sum(1);
            return Sum(0) != given;
        }
    }

    public void Take() => Interlocked.Increment(ref _counts[Stripe]);

    public void Give() => Interlocked.Increment(ref _counts[Stripe + 1]);

    private static int Stripe => (Thread.GetCurrentProcessorId() & (Stripes - 1)) * LongsPerLine;

    private long Sum(int first)
    {
        long sum = 0;
        for (var i = first; i < _counts.Length; i += LongsPerLine)
        {
            sum += Volatile.Read(ref _counts[i]);
        }

        return sum;
    }
}
