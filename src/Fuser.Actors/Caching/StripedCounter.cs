namespace Fuser.Actors.Caching;

/// <summary>A counter that many threads change and few read: each processor has a cache line of its own, so threads do not slow each other down.</summary>
internal sealed class StripedCounter
{
    private const int LongsPerLine = 16; // two cache lines: processors fetch lines in pairs
    private static readonly int Stripes = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(Environment.ProcessorCount, 1, 64));

    private readonly long[] _values = new long[Stripes * LongsPerLine];

    public long Value
    {
        get
        {
            long sum = 0;
            for (var i = 0; i < _values.Length; i += LongsPerLine)
            {
                sum += Volatile.Read(ref _values[i]);
            }

            return sum;
        }
    }

    public void Add(long amount) => Interlocked.Add(ref _values[(Thread.GetCurrentProcessorId() & (Stripes - 1)) * LongsPerLine], amount);
}
