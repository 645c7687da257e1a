using System.Buffers;
using System.Runtime.InteropServices;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

/// <summary>Floats whose first use by a launch runs the test's code, on the thread of whoever launches: the device's.</summary>
internal sealed class GatedMemory(float[] data, Action onUse) : MemoryManager<float>
{
    public NdArray Array => NdArray.From(CreateMemory(data.Length), TensorLayout.Contiguous([data.Length]));

    public override Span<float> GetSpan()
    {
        onUse();
        return data;
    }

    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        onUse();
        var handle = GCHandle.Alloc(data, GCHandleType.Pinned);
        return new MemoryHandle((float*)handle.AddrOfPinnedObject() + elementIndex, handle);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
