namespace Fuser.Host.Node;

/// <summary>The memory that the arrays of all requests share. It is counted when it is promised, before it is taken.</summary>
/// <param name="limit">Bytes in all.</param>
internal sealed class MemoryBudget(long limit)
{
    private long _used;

    /// <summary>Bytes in all.</summary>
    public long Limit { get; } = limit;

    /// <summary>Bytes promised now.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Promises bytes, if there are so many.</summary>
    public bool TryTake(long bytes)
    {
        var used = Used;
        while (bytes <= Limit - used)
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
