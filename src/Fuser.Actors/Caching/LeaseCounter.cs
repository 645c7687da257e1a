using Fuser.Actors.Core;

namespace Fuser.Actors.Caching;

/// <summary>
/// Counts runs that hold a kernel. Taken and given back are counted apart, and given back is read first: whatever threads do meanwhile, the
/// difference is never too small, so "none" is never said while a run that was there at the start still is.
/// </summary>
internal sealed class LeaseCounter
{
    // Every kernel has one of these, so they share places sooner than the counters of the system do.
    private static readonly ProcessorStripes Stripes = new(16);

    private readonly long[] _counts = new long[Stripes.ArrayLength];

    public bool AnyTaken
    {
        get
        {
            var given = Stripes.Sum(_counts, beside: 1);
            return Stripes.Sum(_counts) != given;
        }
    }

    public void Take() => Interlocked.Increment(ref _counts[Stripes.Current]);

    public void Give() => Interlocked.Increment(ref _counts[Stripes.Current + 1]);
}
