namespace Fuser.Actors.Caching;

/// <summary>
/// Finds what was used least recently. Uses are written by runs without telling anybody, so there is no list in order; the oldest eighth is
/// sorted out now and then and taken from, which costs a logarithm per eviction instead of a look at everything.
/// </summary>
internal sealed class EvictionOrder<T>(Func<T, long> lastUsed)
    where T : class
{
    private const int Share = 8;

    private readonly Queue<(T Item, long Seen)> _oldest = new();

    /// <summary>The least recently used item that may go, or null when none may.</summary>
    /// <param name="items">All there are.</param>
    /// <param name="mayGo">False for what is no longer there, and for what is in use. The first it says yes to is the answer.</param>
    public T? Next(IReadOnlyCollection<T> items, Func<T, bool> mayGo)
    {
        if (TakeOldest(mayGo) is { } known)
        {
            return known;
        }

        Fill(items, (items.Count + Share - 1) / Share);
        if (TakeOldest(mayGo) is { } oldest)
        {
            return oldest;
        }

        Fill(items, items.Count);
        return TakeOldest(mayGo);
    }

    /// <summary>What was used since it was sorted out is no longer among the oldest.</summary>
    private T? TakeOldest(Func<T, bool> mayGo)
    {
        while (_oldest.TryDequeue(out var next))
        {
            if (lastUsed(next.Item) == next.Seen && mayGo(next.Item))
            {
                return next.Item;
            }
        }

        return null;
    }

    private void Fill(IReadOnlyCollection<T> items, int count)
    {
        foreach (var item in items.Select(item => (Item: item, Seen: lastUsed(item))).OrderBy(item => item.Seen).Take(count))
        {
            _oldest.Enqueue(item);
        }
    }
}
