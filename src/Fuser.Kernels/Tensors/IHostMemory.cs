using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fuser.Kernels.Tensors;

/// <summary>Host memory of any element type, as bytes.</summary>
internal interface IHostMemory
{
    ref byte Start { get; }

    /// <summary>Keeps the memory in place; the pointer is <paramref name="offset"/> bytes in.</summary>
    MemoryHandle Pin(long offset);
}

internal sealed class TypedMemory<T>(Memory<T> memory) : IHostMemory
    where T : unmanaged
{
    public ref byte Start => ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(memory.Span));

    public unsafe MemoryHandle Pin(long offset)
    {
        var handle = memory.Pin();
        return new MemoryHandle((byte*)handle.Pointer + offset, pinnable: new Unpin(handle));
    }

    /// <summary>Releases the memory's own handle, which may belong to a memory manager.</summary>
    private sealed class Unpin(MemoryHandle handle) : IPinnable
    {
        private MemoryHandle _handle = handle;

        public MemoryHandle Pin(int elementIndex) => throw new NotSupportedException("already pinned");

        void IPinnable.Unpin() => _handle.Dispose();
    }
}
