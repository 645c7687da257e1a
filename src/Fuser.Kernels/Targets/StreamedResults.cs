using System.Runtime.Intrinsics.X86;

namespace Fuser.Kernels.Targets;

/// <summary>What was written around the caches.</summary>
internal static class StreamedResults
{
    /// <summary>
    /// Bytes of results from which writing around the caches pays. Measured: with 12 MB and less it is up to twice as slow where the results stay in a cache for
    /// whoever reads them next, with 80 MB a fifth to two thirds faster; in between it hardly matters.
    /// </summary>
    public const long WorthwhileBytes = 16 << 20;

    /// <summary>Makes it visible to other threads in order: such writes overtake ordinary ones.</summary>
    public static void Publish()
    {
        if (Sse.IsSupported)
        {
            Sse.StoreFence();
        }
        else
        {
            Thread.MemoryBarrier();
        }
    }
}
