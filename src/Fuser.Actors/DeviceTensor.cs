using System.Collections.Immutable;
using Fuser.Actors.Devices;
using Fuser.Kernels;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors;

/// <summary>
/// An array in the memory of an accelerator, row-major. Runs take it as an input, without a copy, on its own device. It is lost when the device is; using it
/// then says so. Dispose it to give its memory back: one that is collected instead is counted as a leak, logged, and freed all the same.
/// </summary>
public sealed class DeviceTensor : IDisposable
{
    private readonly DeviceEntry _device;
    private readonly NdArray _array;
    private readonly LeakGuard _guard;
    private readonly long _id;
    private readonly TimeSpan _timeout;
    private int _isDisposed;

    internal DeviceTensor(DeviceEntry device, long id, DType dtype, ImmutableArray<long> shape, TimeSpan timeout)
    {
        _device = device;
        _id = id;
        _timeout = timeout;
        _guard = new LeakGuard(device.Actor, id);
        _array = NdArray.Over(new ResidentMemory(device.Device.Name, id, _guard), dtype, shape);
    }

    /// <summary>The device it is on, as <c>--device</c> takes it.</summary>
    public string Device => _device.Device.Name;

    /// <summary>Element type.</summary>
    public DType DType => _array.DType;

    /// <summary>Sizes, outermost first.</summary>
    public ImmutableArray<long> Shape => _array.Shape;

    /// <summary>Its elements' size in bytes.</summary>
    public long Bytes => _array.ElementCount * _array.DType.ItemSize();

    /// <summary>As an input of a run.</summary>
    public static implicit operator FuserValue(DeviceTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor.ToFuserValue();
    }

    /// <summary>As an input of a run. The tensor must stay undisposed until the run has begun.</summary>
    /// <exception cref="LaunchException">The tensor was disposed.</exception>
    public FuserValue ToFuserValue() => Volatile.Read(ref _isDisposed) == 0 ? _array : throw Disposed();

    /// <summary>Copies the elements to a new array of the host.</summary>
    /// <exception cref="LaunchException">The tensor was disposed or lost, or the copy failed.</exception>
    public async ValueTask<NdArray> CopyToHostAsync(CancellationToken cancellationToken = default)
    {
        if (Volatile.Read(ref _isDisposed) != 0)
        {
            throw Disposed();
        }

        var copy = NdArray.Allocate(DType, Shape);
        await _device.Actor.Ask<Downloaded>(new Download(_id, copy), _timeout, cancellationToken).ConfigureAwait(false);
        GC.KeepAlive(this);
        return copy;
    }

    /// <summary>Gives the memory back, as soon as no run reads it. A second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _guard.Dispose();
            _device.Actor.Tell(new Discard(_id));
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{DType.DisplayName()}{Shapes.Text(Shape.AsSpan())} on {Device}";

    private LaunchException Disposed() => new(ErrorCodes.BufferLost, $"the tensor {this} was disposed; create it again");
}
