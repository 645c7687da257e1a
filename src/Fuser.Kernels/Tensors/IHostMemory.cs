using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fuser.Kernels.Tensors;

/// <summary>Host memory of any element type, as bytes.</summary>
internal interface IHostMemory
{
    ref byte Start { get; }
}

internal sealed class TypedMemory<T>(Memory<T> memory) : IHostMemory
    where T : unmanaged
{
    public ref byte Start => ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(memory.Span));
}
