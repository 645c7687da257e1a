using System.Runtime.InteropServices;

namespace Fuser.Kernels.Devices;

/// <summary>Memory for the length of one call, beyond what threads keep.</summary>
internal static unsafe class CallMemory
{
    public const int CacheLine = 64;

    /// <summary>Less is asked for without looking at how much the process may use.</summary>
    private const long UnquestionedBytes = 1L << 28;

    private const long MostBytesOfThread = 1L << 20;

    /// <summary>Memory aligned to a cache line; null for no bytes.</summary>
    /// <exception cref="InputException">More was asked for than this process may use.</exception>
    public static byte* Allocate(long bytes)
    {
        if (bytes == 0)
        {
            return null;
        }

        if (bytes >= UnquestionedBytes && bytes > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
        {
            throw TooMuch(bytes, null);
        }

        try
        {
            return (byte*)NativeMemory.AlignedAlloc((nuint)bytes, CacheLine);
        }
        catch (OutOfMemoryException error)
        {
            throw TooMuch(bytes, error);
        }
    }

    /// <summary>Memory from the calling thread's own where it is little, so that a warm call asks nobody for memory; else from the system.</summary>
    /// <param name="isThreads">To be handed to <see cref="GiveBack"/>.</param>
    public static byte* Take(long bytes, out bool isThreads)
    {
        isThreads = bytes <= MostBytesOfThread;
        return isThreads ? ThreadScratch.TakeShared(bytes) : Allocate(bytes);
    }

    public static void GiveBack(byte* memory, bool isThreads)
    {
        if (!isThreads)
        {
            Free(memory);
        }
    }

    public static void Free(byte* memory) => NativeMemory.AlignedFree(memory);

    /// <summary>Saturates, and is then refused like everything that does not fit.</summary>
    public static long Sum(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;

    /// <summary>So many items, rounded up to whole cache lines; saturates.</summary>
    public static long BytesOf(long count, long itemSize) => long.CreateSaturating((((Int128)count * itemSize) + (CacheLine - 1)) / CacheLine * CacheLine);

    private static InputException TooMuch(long bytes, Exception? cause) =>
        new(ErrorCodes.SizeLimit, $"the call needs {bytes} bytes for intermediate results; use smaller inputs, or split the graph", cause);
}
