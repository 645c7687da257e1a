using Fuser.Actors;

namespace Fuser.Host.Node;

/// <summary>The graphs of a node, and the plans and kernels of its runtime. Plans go first, which are made again in the least time; then graphs; kernels have a limit of their own.</summary>
/// <param name="runtime">Null where it is in other processes.</param>
internal sealed class KeptMemory(FuserSystem? runtime, GraphRegistry graphs) : IKeptMemory
{
    public long Bytes => (runtime?.KeptBytes ?? 0) + graphs.EstimatedBytes;

    public void Free(long bytes)
    {
        var before = Bytes;
        runtime?.Plans.Free(bytes);
        if (before - Bytes is var freed && freed < bytes)
        {
            graphs.Free(bytes - freed);
        }
    }
}
