using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Npz;

/// <summary>A part of a row-major array's memory as bytes, for streams to read into and write from without a copy.</summary>
/// <param name="array">The array; it stays alive with this.</param>
/// <param name="start">First byte.</param>
/// <param name="length">Number of bytes.</param>
internal sealed class ArrayBytes(NdArray array, long start, int length) : MemoryManager<byte>
{
    private MemoryHandle _pinned;
    private int _pins;

    /// <summary>The bytes.</summary>
    public static Memory<byte> Of(NdArray array, long start, int length) => new ArrayBytes(array, start, length).Memory;

    public override Span<byte> GetSpan() => MemoryMarshal.CreateSpan(ref Unsafe.AddByteOffset(ref array.First, (nint)start), length);

    public override unsafe MemoryHandle Pin(int elementIndex = 0)
    {
        lock (array)
        {
            if (_pins++ == 0)
            {
                _pinned = array.Pin();
            }
        }

        return new MemoryHandle((byte*)_pinned.Pointer + start + elementIndex, pinnable: this);
    }

    public override void Unpin()
    {
        lock (array)
        {
            if (--_pins == 0)
            {
                _pinned.Dispose();
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
    }
}
