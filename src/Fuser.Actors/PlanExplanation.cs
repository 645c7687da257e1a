using System.Collections.Immutable;

namespace Fuser.Actors;

/// <summary>One plan, as it runs and as it would run without fusion.</summary>
/// <param name="Region">The part of a graph with control flow that it is of; null where it is of the whole graph.</param>
/// <param name="Fused">The plan that runs.</param>
/// <param name="Unfused">The plan in which every operation runs by itself; it gives the same bits.</param>
public sealed record PlanComparison(string? Region, PlanExplanation Fused, PlanExplanation Unfused);

/// <summary>What the steps of a plan do in memory.</summary>
/// <param name="Steps">Every step, in order.</param>
/// <param name="BytesRead">All that the steps read.</param>
/// <param name="BytesWritten">All that the steps write.</param>
/// <param name="PeakBytes">Memory a call takes for intermediate results; arrays of the caller's are not counted.</param>
/// <param name="BytesWithoutReuse">What it would take if no intermediate result lay where an earlier one did.</param>
public sealed record PlanExplanation(ImmutableArray<StepExplanation> Steps, long BytesRead, long BytesWritten, long PeakBytes, long BytesWithoutReuse)
{
    /// <summary>What a call copies to the device and back when its inputs are in host memory; null for a plan of the host's.</summary>
    public CallCopies? Copies { get; init; }
}

/// <summary>What a call copies between host and device, beside what steps on the host need.</summary>
/// <param name="Device">The device, by name.</param>
/// <param name="BytesToDevice">Inputs that its kernels read.</param>
/// <param name="BytesToHost">Results.</param>
/// <param name="SharesMemory">The device works in host memory: nothing is copied of arrays that lie as its driver wants them.</param>
public sealed record CallCopies(string Device, long BytesToDevice, long BytesToHost, bool SharesMemory);

/// <summary>One step of a plan.</summary>
/// <param name="Description">What it runs, over which shape.</param>
/// <param name="Boundaries">Why it ends where it does: for each result it puts in memory, what needs it there and why, by line of the graph text.</param>
/// <param name="Sweeps">For a kernel with reductions, how it goes over its rows, in words; null for any other step.</param>
/// <param name="BytesRead">Bytes read from memory: every element once, however often a broadcast repeats it; again for what a kernel with reductions cannot keep in a cache from sweep to sweep.</param>
/// <param name="BytesWritten">Bytes written to memory.</param>
public sealed record StepExplanation(string Description, ImmutableArray<string> Boundaries, string? Sweeps, long BytesRead, long BytesWritten)
{
    /// <summary>Where it runs; null in a plan of the host's.</summary>
    public StepPlacement? Placement { get; init; }
}

/// <summary>Where a step of a device's plan runs.</summary>
/// <param name="RunsOnDevice">It is a kernel of the device; else it runs on the host, between those.</param>
/// <param name="Description">How it is launched there, or why it is not.</param>
/// <param name="BytesToHost">Bytes copied to the host before a step that runs there.</param>
/// <param name="BytesToDevice">Bytes copied back behind it.</param>
public sealed record StepPlacement(bool RunsOnDevice, string Description, long BytesToHost, long BytesToDevice)
{
    /// <summary>What the device's compiler gets for a routine; null for any other step, because the kernels of groups are explained by group.</summary>
    public string? Listing { get; init; }
}
