using System.Diagnostics;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>The time between two points of a queue, as the device sees it where its driver says so. May be started again after it was read.</summary>
internal abstract class DeviceTimer : IDisposable
{
    /// <summary>Marks the point after the commands so far.</summary>
    public abstract void Start();

    /// <summary>Marks the point after the commands since.</summary>
    public abstract void Stop();

    /// <summary>Waits until the device is past the second point.</summary>
    /// <exception cref="LaunchException">A command failed.</exception>
    public abstract TimeSpan Elapsed();

    public abstract void Dispose();
}

/// <summary>By the host's clock, with an empty queue at both points: what starting and waiting cost is in it.</summary>
internal sealed class ClockTimer(DeviceQueue queue) : DeviceTimer
{
    private long _start;
    private TimeSpan _elapsed;

    public override void Start()
    {
        queue.Finish();
        _start = Stopwatch.GetTimestamp();
    }

    public override void Stop()
    {
        queue.Finish();
        _elapsed = Stopwatch.GetElapsedTime(_start);
    }

    public override TimeSpan Elapsed() => _elapsed;

    public override void Dispose()
    {
    }
}
