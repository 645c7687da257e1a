using System.Buffers;
using System.Runtime.InteropServices;

namespace Fuser.Compare.Peers;

/// <summary>Memory of its own pages, huge ones where the system has them: all peers place their arrays like this.</summary>
internal sealed unsafe partial class HugeMemory : MemoryManager<byte>
{
    private const nuint HugePage = 1 << 21;
    private const int AdviseHugePages = 14;

    private readonly nuint _length;
    private byte* _address;

    public HugeMemory(long bytes)
    {
        _length = ((nuint)bytes + HugePage - 1) & ~(HugePage - 1);
        _address = (byte*)NativeMemory.AlignedAlloc(_length, HugePage);
        if (OperatingSystem.IsLinux())
        {
            _ = Advise(_address, _length, AdviseHugePages); // where it is refused, pages are small: slower, not wrong
        }

        NativeMemory.Clear(_address, _length);
    }

    public byte* Address => _address;

    /// <summary>The address as a number.</summary>
    public nint Start => (nint)_address;

    public override Span<byte> GetSpan() => new(_address, (int)Math.Min(_length, int.MaxValue));

    public override MemoryHandle Pin(int elementIndex = 0) => new(_address + elementIndex);

    public override void Unpin()
    {
        // It never moves.
    }

    protected override void Dispose(bool disposing)
    {
        NativeMemory.AlignedFree(_address);
        _address = null;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(void* address, nuint length, int advice);
}
