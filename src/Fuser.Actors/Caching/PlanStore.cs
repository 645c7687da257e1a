using Fuser.Actors.Devices;

namespace Fuser.Actors.Caching;

/// <summary>
/// The plans that the functions of a system remember, and the limit of their memory over all functions. What was used least recently is forgotten first, which costs its function a new plan and
/// nothing else. A function's plans go with the function: the store alone keeps none alive.
/// </summary>
/// <param name="most">Estimated bytes at most.</param>
internal sealed class PlanStore(long most)
{
    private const int LeastSwept = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, Entry> _entries = [];
    private readonly EvictionOrder<Entry> _oldest = new(static entry => entry.LastUsed);
    private long _bytes;
    private long _added;
    private int _sweepAt = LeastSwept;

    private sealed record Entry(long Number, WeakReference<PreparedRun> Plan, WeakReference<LocalFunction> Function, long Bytes)
    {
        /// <summary>0, and so the first to go, for one that is gone already.</summary>
        public long LastUsed => Plan.TryGetTarget(out var plan) ? plan.LastUsed : 0;
    }

    /// <summary>Estimated memory of the plans.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Takes a plan on, and has others forgotten where it is one too many.</summary>
    /// <returns>False when it alone is beyond the limit, and is not to be remembered.</returns>
    public bool TryAdd(PreparedRun plan, LocalFunction function)
    {
        var bytes = plan.EstimatedBytes;
        if (bytes > most)
        {
            return false;
        }

        lock (_lock)
        {
            if (_entries.Count >= _sweepAt)
            {
                Sweep();
            }

            MakeRoom(most - bytes);
            var entry = new Entry(++_added, new WeakReference<PreparedRun>(plan), new WeakReference<LocalFunction>(function), bytes);
            plan.StoreNumber = entry.Number;
            _entries.Add(entry.Number, entry);
            _bytes += bytes;
            return true;
        }
    }

    /// <summary>Strikes off a plan that its function forgot by itself.</summary>
    public void Remove(PreparedRun plan)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(plan.StoreNumber, out var entry))
            {
                Strike(entry);
            }
        }
    }

    /// <summary>Has plans forgotten until so many bytes fewer are held, or none are left.</summary>
    public void Free(long bytes)
    {
        lock (_lock)
        {
            MakeRoom(Math.Max(0, _bytes - bytes));
        }
    }

    private void MakeRoom(long wanted)
    {
        while (_bytes > wanted && _oldest.Next(_entries.Values, entry => _entries.ContainsKey(entry.Number)) is { } victim)
        {
            Strike(victim);
            if (victim.Plan.TryGetTarget(out var plan) && victim.Function.TryGetTarget(out var function))
            {
                function.Forget(plan);
            }
        }
    }

    /// <summary>Removes the plans of functions that were garbage collected.</summary>
    private void Sweep()
    {
        foreach (var entry in _entries.Values.Where(static entry => !entry.Plan.TryGetTarget(out _)).ToList())
        {
            Strike(entry);
        }

        _sweepAt = Math.Max(LeastSwept, _entries.Count * 2);
    }

    private void Strike(Entry entry)
    {
        _entries.Remove(entry.Number);
        _bytes -= entry.Bytes;
    }
}
