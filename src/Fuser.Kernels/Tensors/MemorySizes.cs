namespace Fuser.Kernels.Tensors;

/// <summary>Arithmetic on sizes of memory, in bytes. It saturates, and what saturates is refused like everything that does not fit.</summary>
internal static class MemorySizes
{
    /// <summary>What separate pieces of memory are aligned to, so that threads that work on two of them do not disturb each other.</summary>
    public const int CacheLine = 64;

    public static long Sum(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;

    /// <summary>So many items, rounded up to whole cache lines.</summary>
    public static long WholeLines(long count, long itemSize) => Exact(count, itemSize) is var bytes && bytes > long.MaxValue - CacheLine ? long.MaxValue : (bytes + (CacheLine - 1)) & -CacheLine;

    /// <summary>So many items.</summary>
    public static long Exact(long count, long itemSize) => Math.BigMul(count, itemSize, out var bytes) == 0 && bytes >= 0 ? bytes : long.MaxValue;
}
