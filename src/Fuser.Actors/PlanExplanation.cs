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
public sealed record PlanExplanation(ImmutableArray<StepExplanation> Steps, long BytesRead, long BytesWritten, long PeakBytes, long BytesWithoutReuse);

/// <summary>One step of a plan.</summary>
/// <param name="Description">What it runs, over which shape.</param>
/// <param name="Boundaries">Why it ends where it does: for each result it puts in memory, what needs it there and why, by line of the graph text.</param>
/// <param name="Sweeps">For a kernel with reductions, how it goes over its rows, in words; null for any other step.</param>
/// <param name="BytesRead">Bytes read from memory: every element once, however often a broadcast repeats it; again for what a kernel with reductions cannot keep in a cache from sweep to sweep.</param>
/// <param name="BytesWritten">Bytes written to memory.</param>
public sealed record StepExplanation(string Description, ImmutableArray<string> Boundaries, string? Sweeps, long BytesRead, long BytesWritten);
