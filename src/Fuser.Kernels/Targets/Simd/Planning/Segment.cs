namespace Fuser.Kernels.Targets.Simd.Planning;

/// <summary>
/// The part of a kernel that becomes one method. Most kernels have one; a large one is cut, because the JIT compiler stops
/// optimising large methods, and its parts hand values over in scratch memory, one tile of elements at a time.
/// </summary>
/// <param name="Once">Uniform nodes computed before the loop; those of a kernel's first, loopless segments are for the others.</param>
/// <param name="Loop">Nodes computed per step; empty for a loopless segment.</param>
/// <param name="Incoming">Values of earlier segments, read from scratch.</param>
/// <param name="Outgoing">Values later segments need, written to scratch.</param>
internal sealed record Segment(IReadOnlyList<int> Once, IReadOnlyList<int> Loop, IReadOnlySet<int> Incoming, IReadOnlySet<int> Outgoing)
{
    /// <summary>Steps the loop does at once.</summary>
    public int Copies { get; init; } = 1;

    /// <summary>Whether a second loop does the steps that are left over; otherwise there must be none.</summary>
    public bool HasRestLoop { get; init; }
}
