namespace Fuser.Host.Node;

/// <summary>The memory that the arrays of all requests share with what is kept for requests to come. Arrays are counted when memory is promised, before it is taken; what is kept makes room for them.</summary>
/// <param name="limit">Bytes in all.</param>
/// <param name="kept">What is kept for requests to come: none when null.</param>
internal sealed class MemoryBudget(long limit, IKeptMemory? kept = null)
{
    private long _used;

    /// <summary>Bytes in all.</summary>
    public long Limit { get; } = limit;

    /// <summary>Bytes promised now.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Promises bytes, if there are so many.</summary>
    public bool TryTake(long bytes)
    {
        if (kept is not null && kept.Bytes is var held && bytes > Limit - Used - held)
        {
            kept.Free(bytes - (Limit - Used - held));
        }

        var used = Used;
        while (bytes <= Limit - used - (kept?.Bytes ?? 0))
        {
            var seen = Interlocked.CompareExchange(ref _used, used + bytes, used);
            if (seen == used)
            {
                return true;
            }

            used = seen;
        }

        return false;
    }

    public void Return(long bytes) => Interlocked.Add(ref _used, -bytes);
}
