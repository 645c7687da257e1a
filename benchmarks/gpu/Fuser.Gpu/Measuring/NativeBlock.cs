using System.Runtime.InteropServices;

namespace Fuser.Gpu.Measuring;

/// <summary>Host memory on the way to or from the device; arrays of .NET end at 2 GiB.</summary>
internal sealed unsafe class NativeBlock(long bytes) : IDisposable
{
    private const int Alignment = 64;

    public byte* Address { get; private set; } = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(bytes, 1), Alignment);

    public void Dispose()
    {
        NativeMemory.AlignedFree(Address);
        Address = null;
    }
}
