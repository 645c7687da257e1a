namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>Buffers kept for the next allocation of their size, for drivers that have no pool of their own: allocating is slow, and may wait for the device.</summary>
/// <param name="release">Gives a buffer back to the driver.</param>
/// <param name="memoryBytes">The device's memory; at most a quarter of it is kept unused.</param>
internal sealed class BufferPool(Action<nint> release, long memoryBytes)
{
    private const int Smallest = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<nint, long> _sizes = [];
    private readonly Dictionary<long, Stack<nint>> _free = [];
    private long _limit = memoryBytes / 4;
    private long _kept;

    /// <summary>The size that is asked for: eighths between powers of two, so that sizes that differ a little share buffers, and an eighth is wasted at most.</summary>
    public static long SizeOf(long bytes, long largest)
    {
        if (bytes <= Smallest)
        {
            return Math.Min(Smallest, largest);
        }

        var step = Math.Max((long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)bytes) / 16, Smallest);
        return Math.Max(bytes, Math.Min(largest, (bytes + step - 1) / step * step));
    }

    /// <summary>A kept buffer of that size, or 0.</summary>
    public nint Take(long size)
    {
        lock (_gate)
        {
            if (!_free.TryGetValue(size, out var free) || !free.TryPop(out var buffer))
            {
                return 0;
            }

            _kept -= size;
            return buffer;
        }
    }

    /// <summary>Remembers a buffer that was just allocated.</summary>
    public void Register(nint buffer, long size)
    {
        lock (_gate)
        {
            _sizes[buffer] = size;
        }
    }

    /// <summary>Keeps a buffer, or gives it back when enough is kept.</summary>
    /// <returns>False when it was not allocated here.</returns>
    public bool Return(nint buffer)
    {
        lock (_gate)
        {
            if (!_sizes.TryGetValue(buffer, out var size))
            {
                return false;
            }

            if (_kept + size > _limit) // 0 once the session has ended: what comes back later goes at once
            {
                _sizes.Remove(buffer);
                release(buffer);
                return true;
            }

            if (!_free.TryGetValue(size, out var free))
            {
                _free.Add(size, free = new Stack<nint>());
            }

            free.Push(buffer);
            _kept += size;
            return true;
        }
    }

    /// <summary>Gives back everything that is kept, and keeps nothing from now on.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _limit = 0;
        }

        Clear();
    }

    /// <summary>Gives back everything that is kept.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            foreach (var buffer in _free.Values.SelectMany(free => free))
            {
                _sizes.Remove(buffer);
                release(buffer);
            }

            _free.Clear();
            _kept = 0;
        }
    }
}
