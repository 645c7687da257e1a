using System.Diagnostics.Metrics;

namespace Fuser.Kernels.Devices;

/// <summary>Meter <c>fuser.memory</c>: what the process has for intermediate results, observed where it is kept, so that counting costs a call nothing.</summary>
internal static class MemoryMeter
{
    public const string Name = "fuser.memory";

    private static readonly Meter Meter = new(Name);

    public static BlockPool Observe(BlockPool pool)
    {
        Meter.CreateObservableUpDownCounter("fuser.memory.kept", () => pool.KeptBytes, "By", "Memory that is kept for intermediate results of calls to come");
        Meter.CreateObservableUpDownCounter("fuser.memory.used", () => pool.UsedBytes, "By", "Memory that calls use for intermediate results; up to 64 KiB of a call are its thread's and not counted");
        return pool;
    }
}
