using System.Runtime.CompilerServices;

namespace Fuser.Kernels.Targets.Simd;

/// <summary>
/// Memory of the calling thread for values that cross the segments of a large kernel and for the padded arguments of a short
/// run. Kernels do not call each other, so one block per use is enough; it is kept, so a warm run allocates nothing.
/// </summary>
internal static unsafe class ScratchMemory
{
    private const int Alignment = 64;

    [ThreadStatic]
    private static byte[]? t_crossing;

    [ThreadStatic]
    private static byte[]? t_padding;

    public static byte* ForCrossingValues(int bytes) => Address(ref t_crossing, bytes);

    public static byte* ForPadding(int bytes) => Address(ref t_padding, bytes);

    private static byte* Address(ref byte[]? memory, int bytes)
    {
        if (memory is null || memory.Length < bytes + Alignment)
        {
            memory = GC.AllocateUninitializedArray<byte>(bytes + Alignment, pinned: true);
        }

        return (byte*)((nint)Unsafe.AsPointer(ref memory[0]) + (Alignment - 1) & -Alignment);
    }
}
