using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>Counts the memory of a device that is in use, and asks for it: when there is none left, what is pooled goes back first.</summary>
internal sealed class DeviceHeap(string device, DeviceSession session)
{
    private long _bytes;

    public DeviceSession Session { get; } = session;

    /// <summary>In use now.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <exception cref="LaunchException">The device has no such memory; the message says what was asked for and what is there.</exception>
    public DeviceBuffer Allocate(long bytes)
    {
        // A buffer without bytes is none to drivers; kernels that would touch it are never launched.
        var size = Math.Max(bytes, 1);
        var limits = Session.Limits;
        if (size > limits.LargestBuffer || size > limits.MemoryBytes)
        {
            throw OutOfMemory(bytes);
        }

        var handle = Session.TryAllocate(size);
        if (handle == 0)
        {
            Session.Trim();
            handle = Session.TryAllocate(size);
        }

        if (handle == 0)
        {
            throw OutOfMemory(bytes);
        }

        Interlocked.Add(ref _bytes, size);
        return new DeviceBuffer(this, handle, bytes);
    }

    internal void Free(nint handle, long bytes)
    {
        Interlocked.Add(ref _bytes, -Math.Max(bytes, 1));
        Session.Free(handle);
    }

    private LaunchException OutOfMemory(long bytes)
    {
        var limits = Session.Limits;
        var available = Math.Max(0, limits.MemoryBytes - Bytes);
        return new LaunchException(
            ErrorCodes.OutOfDeviceMemory,
            $"device {device}: {bytes} bytes were asked for, {available} of {limits.MemoryBytes} are not in use and one buffer may have {limits.LargestBuffer}; free tensors of the device, or use smaller arrays");
    }
}

/// <summary>Memory of a device. Counted: it is freed when its owner and every run that uses it have let go.</summary>
internal sealed class DeviceBuffer(DeviceHeap heap, nint handle, long bytes)
{
    private int _holders = 1;

    /// <summary>The driver's.</summary>
    public nint Handle { get; } = handle;

    public long Bytes { get; } = bytes;

    public DeviceHeap Heap { get; } = heap;

    /// <summary>Takes hold of it, unless it is free already.</summary>
    public bool TryHold()
    {
        while (true)
        {
            var holders = Volatile.Read(ref _holders);
            if (holders == 0)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _holders, holders + 1, holders) == holders)
            {
                return true;
            }
        }
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            Heap.Free(Handle, Bytes);
        }
    }
}

/// <summary>The memory of an array that is on a device: everything about it is known here but its elements.</summary>
/// <param name="keeper">Kept alive as long as anybody can still reach the memory through an array.</param>
internal sealed class ResidentMemory(string device, long id, object keeper) : IHostMemory
{
    /// <summary>Name of the device.</summary>
    public string Device { get; } = device;

    /// <summary>What the device's owner knows it by.</summary>
    public long Id { get; } = id;

    public object Keeper { get; } = keeper;

    public ref byte Start => throw NotHere();

    public System.Buffers.MemoryHandle Pin(long offset) => throw NotHere();

    private InputException NotHere() =>
        new(ErrorCodes.InputKind, $"the array is on device {Device} and cannot be read here; copy it to the host first, or run there");
}
