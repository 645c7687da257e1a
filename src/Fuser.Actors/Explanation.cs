using System.Collections.Immutable;

namespace Fuser.Actors;

/// <summary>The plan of a function for given inputs.</summary>
/// <param name="GraphKey">Key of the normalised graph, in hexadecimal.</param>
/// <param name="NormalisedGraph">The graph the plan was made from, as text.</param>
/// <param name="Steps">Every step in words, in order, with why each boundary is where it is.</param>
/// <param name="Groups">The fusion groups.</param>
/// <param name="NotFused">What is not fused, and why.</param>
public sealed record Explanation(
    string GraphKey,
    string NormalisedGraph,
    ImmutableArray<string> Steps,
    ImmutableArray<GroupExplanation> Groups,
    ImmutableArray<FallbackReport> NotFused)
{
    /// <summary>What each plan moves through memory and keeps there, fused and not: one, or one per region of a graph with control flow that is planned already.</summary>
    public ImmutableArray<PlanComparison> Plans { get; init; } = [];
}

/// <summary>One fusion group.</summary>
/// <param name="Group">Number in the plan, from 0.</param>
/// <param name="SpecKey">Key of its spec, in hexadecimal.</param>
/// <param name="ArgumentKey">Its arguments' types and access patterns, in words.</param>
/// <param name="Graph">The group as graph text.</param>
/// <param name="KernelIr">The kernel in the IR.</param>
/// <param name="Listing">What the target generated.</param>
/// <param name="WouldCompile">Why running it now would compile, or null when the kernel is ready.</param>
public sealed record GroupExplanation(
    int Group,
    string SpecKey,
    string ArgumentKey,
    string Graph,
    string KernelIr,
    string Listing,
    string? WouldCompile);
