using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fuser.Kernels.Devices;

/// <summary>Aligned memory that a thread keeps between launches, so that a warm launch asks nobody for memory.</summary>
internal static unsafe class ThreadScratch
{
    private const int CacheLine = 64;

    /// <summary>Pinned for good, so a pointer into it holds; the garbage collector frees it with its thread.</summary>
    [ThreadStatic]
    private static byte[]? _memory;

    [ThreadStatic]
    private static byte[]? _sharedMemory;

    /// <summary>At least that many bytes, aligned to a cache line; valid until the next call on this thread.</summary>
    public static byte* Take(long bytes) => Take(ref _memory, bytes);

    /// <summary>As <see cref="Take(long)"/>, of a second block: what a launch keeps while it and the threads that help it take tiles.</summary>
    public static byte* TakeShared(long bytes) => Take(ref _sharedMemory, bytes);

    private static byte* Take(ref byte[]? memory, long bytes)
    {
        if (memory is null || memory.Length < bytes + CacheLine)
        {
            memory = GC.AllocateUninitializedArray<byte>(checked((int)bytes + CacheLine), pinned: true);
        }

        var start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(memory));
        return (byte*)((start + CacheLine - 1) & ~(CacheLine - 1));
    }
}
