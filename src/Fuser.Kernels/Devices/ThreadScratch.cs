using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices;

/// <summary>Aligned memory that a thread keeps between launches, so that a warm launch asks nobody for memory.</summary>
internal static unsafe class ThreadScratch
{
    /// <summary>Pinned for good, so a pointer into it holds; the garbage collector frees it with its thread.</summary>
    [ThreadStatic]
    private static byte[]? _memory;

    [ThreadStatic]
    private static byte[]? _stages;

    [ThreadStatic]
    private static byte[]? _temporaries;

    /// <summary>At least that many bytes, aligned to a cache line; valid until the next call on this thread.</summary>
    public static byte* Take(long bytes) => Take(ref _memory, bytes);

    /// <summary>As <see cref="Take(long)"/>, of a second block: what a launch keeps while it and the threads that help it take tiles.</summary>
    public static byte* TakeStages(long bytes) => Take(ref _stages, bytes);

    /// <summary>As <see cref="Take(long)"/>, of a third block: what a call keeps from launch to launch.</summary>
    public static byte* TakeTemporaries(long bytes) => Take(ref _temporaries, bytes);

    private static byte* Take(ref byte[]? memory, long bytes)
    {
        if (memory is null || memory.Length < bytes + MemorySizes.CacheLine)
        {
            memory = GC.AllocateUninitializedArray<byte>(checked((int)bytes + MemorySizes.CacheLine), pinned: true);
        }

        var start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(memory));
        return (byte*)((start + MemorySizes.CacheLine - 1) & ~(MemorySizes.CacheLine - 1));
    }
}
