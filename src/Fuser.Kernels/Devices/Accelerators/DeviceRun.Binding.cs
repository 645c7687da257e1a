using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>What a run's buffers are on the device.</summary>
internal sealed unsafe partial class DeviceRun
{
    private void BindInputs(ReadOnlySpan<FuserValue> inputs)
    {
        _isPending = true;
        var buffers = _plan.Plan.Buffers;
        var temporaries = _plan.Memory.Sizes.Select(Allocate).ToArray();
        for (var i = 0; i < buffers.Length; i++)
        {
            if (_plan.Memory.Places[i] is var place and >= 0)
            {
                _bound[i] = new BoundBuffer(temporaries[place].Handle, 0);
            }
            else if (buffers[i].Kind == BufferKind.Input && inputs[buffers[i].Index].Kind == FuserValueKind.Array && _plan.IsUsed(i))
            {
                _bound[i] = Bind(inputs[buffers[i].Index].Array);
            }
        }
    }

    private BoundBuffer Bind(NdArray array)
    {
        if (array.Memory is ResidentMemory resident)
        {
            var buffer = _resolve(resident);
            _held.Add(buffer);
            return new BoundBuffer(buffer.Handle, array.Layout.Offset);
        }

        if (array.ElementCount == 0)
        {
            return new BoundBuffer(Allocate(0).Handle, 0);
        }

        var item = array.DType.ItemSize();
        var first = Pin(array);
        var range = MemoryRange.Of(array, first);
        var start = ((nint)first - range.Lowest) / item;
        if (TryWrap(range, item) is var wrapped and not 0)
        {
            return new BoundBuffer(wrapped, start);
        }

        var copy = Allocate(range.Beyond - range.Lowest);
        _queue.Write(copy.Handle, (byte*)range.Lowest, copy.Bytes);
        return new BoundBuffer(copy.Handle, start);
    }

    private HostResult[] BindOutputs(ReadOnlySpan<NdArray> arrays)
    {
        var outputs = _plan.Plan.Outputs;
        var results = new HostResult[outputs.Length];
        for (var i = 0; i < results.Length; i++)
        {
            if (outputs[i].ScalarSlot >= 0 || arrays[i].ElementCount == 0)
            {
                continue;
            }

            var item = outputs[i].DType.ItemSize();
            var bytes = arrays[i].ElementCount * item;
            var first = Pin(arrays[i]);
            var range = MemoryRange.Of(arrays[i], first);
            RefuseOverlap(arrays, i, range);
            if (arrays[i].Layout.IsContiguous && TryWrap(range, item) is var wrapped and not 0)
            {
                results[i] = new HostResult(wrapped, (nint)first, IsWrapped: true, IsStaged: false);
            }
            else
            {
                var isStaged = !arrays[i].Layout.IsContiguous;
                results[i] = new HostResult(Allocate(bytes).Handle, (nint)(isStaged ? Stage(bytes) : first), IsWrapped: false, isStaged);
            }

            _bound[outputs[i].Buffer] = new BoundBuffer(results[i].Handle, 0);
        }

        return results;
    }

    private void RefuseOverlap(ReadOnlySpan<NdArray> arrays, int output, MemoryRange range)
    {
        for (var other = 0; other < output; other++)
        {
            if (_plan.Plan.Outputs[other].ScalarSlot < 0 && arrays[other].ElementCount > 0 && range.Overlaps(MemoryRange.Of(arrays[other], Pin(arrays[other]))))
            {
                throw new InputException(ErrorCodes.OutputMismatch, $"outputs {other} and {output} share memory; give each its own");
            }
        }
    }

    /// <summary>Two buffers over one piece of memory have no meaning to a driver: what overlaps something that is wrapped already is copied.</summary>
    private nint TryWrap(MemoryRange range, int item)
    {
        if (_ranges.Exists(known => known.Overlaps(range)))
        {
            return 0;
        }

        var wrapped = _heap.Session.TryWrap((byte*)range.Lowest, range.Beyond - range.Lowest, item);
        if (wrapped != 0)
        {
            _wrapped.Add(wrapped);
        }

        _ranges.Add(range); // what is copied must not be written through another buffer before the copy, either
        return wrapped;
    }

    /// <summary>Where an output's elements come from and go to.</summary>
    private readonly record struct HostResult(nint Handle, nint Memory, bool IsWrapped, bool IsStaged)
    {
        /// <summary>From row-major order into the caller's layout.</summary>
        public void Scatter(NdArray array)
        {
            if (!IsStaged)
            {
                return;
            }

            var item = array.DType.ItemSize();
            long[] strides = [.. array.Layout.Strides.Select(stride => stride * item)];
            fixed (byte* destination = &array.First)
            {
                TileTransfer.Walk(destination, strides, array.Layout.Sizes.AsSpan(), 0, (byte*)Memory, array.ElementCount, item, toTile: false);
            }
        }
    }
}
