using System.Numerics;
using System.Runtime.InteropServices;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices;

/// <summary>
/// Blocks of memory that are used again by later calls: memory that is new to the process costs more to touch for the first time than most kernels take. Blocks have sizes four to an
/// octave, and lie in slots that are taken and filled with one exchange each, so no thread waits for another. Bounded; what nobody used for a while goes back to
/// the system, at once when memory is short.
/// </summary>
internal sealed unsafe class BlockPool : IDisposable
{
    /// <summary>How long a block may lie unused; it is given back within twice that time.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(10);

    private const long SmallestBlock = 4096;
    private const int SmallestLog2 = 12;
    private const int SizesPerOctave = 4;

    /// <summary>Blocks kept of one size. More calls at the same time than this make and free their own.</summary>
    private const int SlotsPerSize = 16;

    /// <summary>Less is asked for without looking at how much the process may use.</summary>
    private const long UnquestionedBytes = 1L << 28;

    private readonly long _limit;
    private readonly Func<bool> _isMemoryShort;
    private readonly nint[] _slots;
    private readonly ITimer _timer;
    private long _kept;
    private long _allocated;
    private int _ticks;
    private int _isTicking;
    private volatile bool _keepsNothing;
    private volatile bool _isDisposed;

    /// <param name="limit">Bytes that lie unused at most. Larger requests are served, and freed after the call.</param>
    /// <param name="isMemoryShort">Whether the process should give back what it does not need.</param>
    public BlockPool(long limit, TimeProvider time, Func<bool> isMemoryShort)
    {
        _limit = limit;
        _isMemoryShort = isMemoryShort;
        _slots = new nint[(SizeIndex(Math.Max(limit, SmallestBlock)) + 1) * SlotsPerSize];

        // A pool outlives the call that first needs it, and must not hold on to what that call carried along.
        AsyncFlowControl? flow = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow();
        try
        {
            _timer = time.CreateTimer(static pool => ((BlockPool)pool!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
        finally
        {
            flow?.Dispose();
        }
    }

    /// <summary>Bytes of the blocks that nobody uses now.</summary>
    public long KeptBytes => Volatile.Read(ref _kept);

    /// <summary>Bytes of the blocks that calls use now.</summary>
    public long UsedBytes => Volatile.Read(ref _allocated) - Volatile.Read(ref _kept);

    /// <summary>What <see cref="Take"/> really provides for so many bytes.</summary>
    public static long SizeOf(long bytes)
    {
        if (bytes <= SmallestBlock)
        {
            return SmallestBlock;
        }

        var octave = BitOperations.Log2((ulong)bytes - 1);
        var step = 1L << (octave - 2);
        return bytes > long.MaxValue - step ? bytes : (bytes + step - 1) / step * step;
    }

    /// <summary>At least that many bytes, aligned to a cache line, not cleared; null for none.</summary>
    /// <exception cref="InputException">More was asked for than this process may use.</exception>
    public byte* Take(long bytes)
    {
        if (bytes == 0)
        {
            return null;
        }

        if (bytes > _limit)
        {
            return Allocate(bytes, bytes);
        }

        var size = SizeOf(bytes);
        var kept = TakeKept(size);
        return kept != 0 ? (byte*)kept : Allocate(bytes, size);
    }

    /// <summary>Ends the use of a block.</summary>
    /// <param name="bytes">As was asked for.</param>
    public void GiveBack(byte* block, long bytes)
    {
        if (block == null)
        {
            return;
        }

        if (bytes > _limit)
        {
            Free(block, bytes);
            return;
        }

        var size = SizeOf(bytes);
        if (_keepsNothing || _isDisposed || !Keep(block, size, Volatile.Read(ref _ticks)))
        {
            Free(block, size);
        }
        else if (Interlocked.CompareExchange(ref _isTicking, 1, 0) == 0)
        {
            _timer.Change(IdleTime, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Frees what is kept. Blocks that are in use stay, and are freed when they are given back.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _timer.Dispose();
        Trim(everything: true);
    }

    private static int SizeIndex(long size)
    {
        if (size <= SmallestBlock)
        {
            return 0;
        }

        var octave = BitOperations.Log2((ulong)size - 1);
        return ((octave - SmallestLog2) * SizesPerOctave) + (int)((size - 1) >> (octave - 2)) - SizesPerOctave + 1;
    }

    private Span<nint> SlotsOf(long size) => _slots.AsSpan(SizeIndex(size) * SlotsPerSize, SlotsPerSize);

    private nint TakeKept(long size)
    {
        var slots = SlotsOf(size);
        var start = Thread.GetCurrentProcessorId(); // likely what this core had last, and in its cache
        for (var i = 0; i < slots.Length; i++)
        {
            ref var slot = ref slots[(start + i) & (SlotsPerSize - 1)];
            if (Volatile.Read(ref slot) != 0 && Interlocked.Exchange(ref slot, 0) is var block && block != 0)
            {
                Interlocked.Add(ref _kept, -size);
                return block;
            }
        }

        return 0;
    }

    /// <param name="ticks">When it was used last; written into the block, which nobody else may read while it is in a slot.</param>
    private bool Keep(byte* block, long size, int ticks)
    {
        if (Interlocked.Add(ref _kept, size) <= _limit)
        {
            *(int*)block = ticks;
            var slots = SlotsOf(size);
            var start = Thread.GetCurrentProcessorId();
            for (var i = 0; i < slots.Length; i++)
            {
                ref var slot = ref slots[(start + i) & (SlotsPerSize - 1)];
                if (Volatile.Read(ref slot) == 0 && Interlocked.CompareExchange(ref slot, (nint)block, 0) == 0)
                {
                    return true;
                }
            }
        }

        Interlocked.Add(ref _kept, -size);
        return false;
    }

    private byte* Allocate(long bytes, long size)
    {
        if (bytes >= UnquestionedBytes && bytes > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
        {
            throw TooMuch(bytes, null);
        }

        byte* block;
        try
        {
            block = (byte*)NativeMemory.AlignedAlloc((nuint)size, MemorySizes.CacheLine);
        }
        catch (OutOfMemoryException)
        {
            Trim(everything: true);
            try
            {
                block = (byte*)NativeMemory.AlignedAlloc((nuint)size, MemorySizes.CacheLine);
            }
            catch (OutOfMemoryException error)
            {
                throw TooMuch(bytes, error);
            }
        }

        Interlocked.Add(ref _allocated, size);
        return block;
    }

    private void Free(byte* block, long size)
    {
        NativeMemory.AlignedFree(block);
        Interlocked.Add(ref _allocated, -size);
    }

    /// <summary>Comes while anything is kept.</summary>
    private void Tick()
    {
        if (_isDisposed)
        {
            return;
        }

        _keepsNothing = _isMemoryShort();
        Interlocked.Increment(ref _ticks);
        Trim(_keepsNothing);
        Volatile.Write(ref _isTicking, 0);
        if ((KeptBytes > 0 || _keepsNothing) && Interlocked.CompareExchange(ref _isTicking, 1, 0) == 0)
        {
            _timer.Change(IdleTime, Timeout.InfiniteTimeSpan);
        }
    }

    private void Trim(bool everything)
    {
        for (var i = 0; i < _slots.Length; i++)
        {
            if (Volatile.Read(ref _slots[i]) == 0)
            {
                continue;
            }

            // Taken out first: in a slot it may be taken, and freed, by anybody.
            var block = (byte*)Interlocked.Exchange(ref _slots[i], 0);
            if (block == null)
            {
                continue;
            }

            var size = SizeAt(i / SlotsPerSize);
            Interlocked.Add(ref _kept, -size);
            var ticks = *(int*)block;
            if (everything || Volatile.Read(ref _ticks) - ticks >= 2 || !Keep(block, size, ticks))
            {
                Free(block, size);
            }
        }
    }

    private static long SizeAt(int index)
    {
        if (index == 0)
        {
            return SmallestBlock;
        }

        var (octave, step) = Math.DivRem(index - 1, SizesPerOctave);
        return (SmallestBlock << octave) + ((step + 1) * (SmallestBlock << octave) / SizesPerOctave);
    }

    private static InputException TooMuch(long bytes, Exception? cause) =>
        new(ErrorCodes.SizeLimit, $"the call needs {bytes} bytes for intermediate results; use smaller inputs, or split the graph", cause);
}
