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

    /// <summary>At least that many bytes, aligned to a cache line; valid until the next call on this thread.</summary>
    public static byte* Take(long bytes)
    {
        if (_memory is null || _memory.Length < bytes + CacheLine)
        {
            _memory = GC.AllocateUninitializedArray<byte>(checked((int)bytes + CacheLine), pinned: true);
        }

        var start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_memory));
        return (byte*)((start + CacheLine - 1) & ~(CacheLine - 1));
    }
}
