using System.Buffers;

namespace Fuser.Compare.Peers;

/// <summary>Huge pages as memory of some element type, which does not own them.</summary>
internal sealed unsafe class TypedView<T>(HugeMemory memory, int count) : MemoryManager<T>
    where T : unmanaged
{
    public override Span<T> GetSpan() => new(memory.Address, count);

    public override MemoryHandle Pin(int elementIndex = 0) => new((T*)memory.Address + elementIndex);

    public override void Unpin()
    {
        // It never moves.
    }

    protected override void Dispose(bool disposing)
    {
        // The pages belong to the arrays of the workload.
    }
}
