using Fuser.Kernels.Devices.Accelerators;

namespace Fuser.Gpu.Measuring;

/// <summary>The driver's copy from one place of the device to another: what memory allows, for the ratios.</summary>
internal sealed class DeviceCopy : IMeasured
{
    private readonly DeviceQueue _queue;
    private readonly DeviceTimer _timer;
    private readonly DeviceBuffer _source;
    private readonly DeviceBuffer _target;

    /// <param name="bytes">To copy; less where the device has no such buffer.</param>
    public DeviceCopy(Accelerator accelerator, long bytes)
    {
        var heap = new DeviceHeap(accelerator.Name, accelerator.Open());
        _source = heap.Allocate(Math.Min(bytes, accelerator.Limits.LargestBuffer / 2));
        _target = heap.Allocate(_source.Bytes);
        _queue = heap.Session.CreateQueue();
        _timer = _queue.CreateTimer();
        _queue.Copy(_target.Handle, _source.Handle, _source.Bytes); // whole pages on both sides before anything is timed
    }

    /// <summary>Bytes that a copy moves: each is read and written.</summary>
    public long Traffic => 2 * _source.Bytes;

    public TimeSpan Time(int runs)
    {
        _timer.Start();
        for (var i = 0; i < runs; i++)
        {
            _queue.Copy(_source.Handle, _target.Handle, _source.Bytes);
        }

        _timer.Stop();
        var elapsed = _timer.Elapsed();
        _queue.Finish();
        return elapsed;
    }

    public void Dispose()
    {
        _queue.Finish();
        _timer.Dispose();
        _source.Release();
        _target.Release();
        _queue.Dispose();
    }
}
