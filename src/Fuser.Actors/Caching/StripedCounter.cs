using Fuser.Actors.Core;

namespace Fuser.Actors.Caching;

/// <summary>A counter that many threads change and few read: each processor has a place of its own, so threads do not slow each other down.</summary>
internal sealed class StripedCounter
{
    private static readonly ProcessorStripes Stripes = new(64);

    private readonly long[] _values = new long[Stripes.ArrayLength];

    public long Value => Stripes.Sum(_values);

    public void Add(long amount) => Interlocked.Add(ref _values[Stripes.Current], amount);
}
