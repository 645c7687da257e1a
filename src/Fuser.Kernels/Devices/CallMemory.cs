namespace Fuser.Kernels.Devices;

/// <summary>Memory for the length of one call: little from what the calling thread keeps, more from what the process keeps.</summary>
internal static unsafe class CallMemory
{
    /// <summary>Temporaries of a plan up to this many bytes lie in memory of the thread: an exchange with other threads would cost more than small kernels do.</summary>
    private const long MostTemporariesOfThread = 1L << 16;

    private const long MostStagesOfThread = 1L << 20;

    private const long MostKept = 1L << 30;

    /// <summary>What the process keeps between calls: an eighth of what it may use, 1 GiB at most.</summary>
    public static BlockPool Shared { get; } = MemoryMeter.Observe(new BlockPool(Math.Min(MostKept, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8), TimeProvider.System, IsMemoryShort));

    /// <summary>For the temporaries of a plan. One call runs on a thread at a time.</summary>
    /// <exception cref="InputException">More was asked for than this process may use.</exception>
    public static CallBlock TakeTemporaries(long bytes) => bytes <= MostTemporariesOfThread
        ? new CallBlock(bytes == 0 ? null : ThreadScratch.TakeTemporaries(bytes), bytes, null)
        : Take(Shared, bytes);

    /// <summary>For what the stages of a launch leave for each other.</summary>
    /// <exception cref="InputException">More was asked for than this process may use.</exception>
    public static CallBlock TakeStages(long bytes) => bytes <= MostStagesOfThread
        ? new CallBlock(ThreadScratch.TakeStages(bytes), bytes, null)
        : Take(Shared, bytes);

    public static CallBlock Take(BlockPool pool, long bytes) => new(pool.Take(bytes), bytes, pool);

    /// <summary>As the last garbage collection saw the machine or container.</summary>
    private static bool IsMemoryShort()
    {
        var info = GC.GetGCMemoryInfo();
        return info.HighMemoryLoadThresholdBytes > 0 && info.MemoryLoadBytes >= info.HighMemoryLoadThresholdBytes;
    }
}

/// <summary>Memory aligned to a cache line, until it is given back; null for no bytes.</summary>
internal readonly unsafe struct CallBlock(byte* memory, long bytes, BlockPool? pool)
{
    public byte* Memory { get; } = memory;

    public void GiveBack() => pool?.GiveBack(Memory, bytes);
}
