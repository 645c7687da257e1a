using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Fuser.Kernels.Targets.Simd.Combining;

/// <summary>Asks for lines of eight arrays some time before they are read: the processor follows fewer streams by itself, and none over the end of a page.</summary>
internal static unsafe class Lines
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Ask(byte* first, long step)
    {
        var ahead = first + (Combiner.Eight * step);
        for (var k = 0; k < Combiner.Eight; k++)
        {
            Sse.Prefetch1(ahead + (k * step));
        }
    }
}
