using Fuser.Kernels.Targets.Simd.Planning;

namespace Fuser.Kernels.Targets.Simd.Emission;

/// <summary>
/// How many steps the main loop does at once. More hide the latency of short chains; but the copies share the registers, every copy
/// costs compile time, and a long body has enough independent work of its own.
/// </summary>
internal static class Unrolling
{
    private const int MaxWeightTimes4 = 48;
    private const int MaxWeightTimes2 = 160;

    public static int Choose(KernelLayout layout, Segment segment, int maxAlive)
    {
        var weight = segment.Loop.Sum(layout.Weight);
        var most = layout.Isa.Registers - 2;
        return weight <= MaxWeightTimes4 && maxAlive * 4 <= most ? 4
            : weight <= MaxWeightTimes2 && maxAlive * 2 <= most ? 2
            : 1;
    }
}
