using Fuser.Actors.Caching;
using Fuser.Actors.Core;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Devices;

/// <summary>
/// Owns a device: what is launched on it and what memory of it is in use. One launch at a time, on a thread of its own; its bounded mailbox is the queue, and
/// full means that the caller is told. A restart forgets the buffers: whoever frees or uses one of them is told that it is lost.
/// </summary>
internal sealed class DeviceActor(Device device, long memoryLimit) : Actor
{
    private readonly Dictionary<long, NdArray> _buffers = [];
    private readonly LeasedKernels _leased = new();

    /// <summary>Shared by all restarts, so that an id is never given out twice.</summary>
    private static long _lastBufferId;
    private long _bytes;
    private long _launches;

    protected override void Receive(object message)
    {
        try
        {
            switch (message)
            {
                case Launch launch: OnLaunch(launch); break;
                case Allocate allocate: OnAllocate(allocate); break;
                case Free free: OnFree(free); break;
                case GetDeviceStatus: Sender.Tell(new DeviceStatus(device.Name, device.Description, _launches, _buffers.Count, _bytes, Self.MailboxLength)); break;
                default: Unhandled(message); break;
            }
        }
        catch (FuserException error)
        {
            Sender.Fail(error); // the request's fault, not the device's: no restart
        }
    }

    private void OnLaunch(Launch launch)
    {
        if (!Sender.IsWaiting)
        {
            return; // whoever asked gave up while this waited in the queue
        }

        _launches++;
        Context.Status = "launching";
        try
        {
            Sender.Tell(launch.Run(_leased));
        }
        catch (OperationCanceledException) when (launch.Cancellation.IsCancellationRequested)
        {
            // Nobody is left to answer to.
        }
        finally
        {
            Context.Status = null;
        }
    }

    private void OnAllocate(Allocate allocate)
    {
        var count = Shapes.ElementCount(allocate.Shape.AsSpan());
        var available = memoryLimit - _bytes;
        if (count > available / allocate.DType.ItemSize())
        {
            throw OutOfMemory(allocate, available);
        }

        NdArray buffer;
        try
        {
            buffer = NdArray.Allocate(allocate.DType, allocate.Shape);
        }
        catch (OutOfMemoryException error)
        {
            throw OutOfMemory(allocate, available, error); // a restart would lose every other buffer for it
        }

        var (id, bytes) = (Interlocked.Increment(ref _lastBufferId), count * allocate.DType.ItemSize());
        _buffers.Add(id, buffer);
        _bytes += bytes;
        Sender.Tell(new Allocated(id, bytes));
    }

    private LaunchException OutOfMemory(Allocate allocate, long available, Exception? cause = null) => new(
        ErrorCodes.OutOfDeviceMemory,
        $"device {device.Name}: {allocate.DType.DisplayName()}{Shapes.Text(allocate.Shape.AsSpan())} was asked for, {available} of {memoryLimit} bytes are available; free buffers first",
        cause);

    private void OnFree(Free free)
    {
        if (!_buffers.Remove(free.BufferId, out var buffer))
        {
            throw new LaunchException(ErrorCodes.BufferLost, $"device {device.Name} has no buffer {free.BufferId}: it was freed before, or lost when the device restarted");
        }

        _bytes -= buffer.ElementCount * buffer.DType.ItemSize();
        Sender.Tell(new Freed(free.BufferId));
    }
}
