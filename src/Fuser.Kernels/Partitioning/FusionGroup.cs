using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>What an input of a group is bound to at a call.</summary>
internal abstract record GroupInput;

/// <summary>Elements of a buffer.</summary>
/// <param name="DType">What the graph calls them.</param>
/// <param name="Storage">How they are kept.</param>
/// <param name="IsZeroDimensional">Whether they count as a 0-dim tensor in type promotion.</param>
/// <param name="Layout">Where they are, over the map shape.</param>
internal sealed record TensorInput(int Buffer, DType DType, DType Storage, bool IsZeroDimensional, TensorLayout Layout) : GroupInput;

/// <summary>A number of the call.</summary>
internal sealed record NumberInput(int Slot, DType Category) : GroupInput;

/// <summary>The seed of the call.</summary>
internal sealed record SeedInput : GroupInput;

/// <summary>The logical index of the current element in a random node's own shape, as a layout whose positions are the indices.</summary>
internal sealed record IndexInput(TensorLayout Layout) : GroupInput;

/// <summary>Where an output of a group is written.</summary>
/// <param name="IsPerRow">Whether there is one value per row of the group's domain. Its layout does not tell where there are no elements.</param>
internal sealed record GroupOutput(int Buffer, DType Storage, TensorLayout Layout, bool IsPerRow = false);

/// <summary>
/// Operations that run as one kernel: a graph without shapes, and what its inputs and outputs are bound to for one signature. All outputs
/// have the domain's shape, or that of its rows; everything else broadcasts to it.
/// </summary>
internal sealed class FusionGroup(
    Graph graph,
    ImmutableArray<GroupInput> inputs,
    ImmutableArray<GroupOutput> outputs,
    FusionDomain domain,
    int operations,
    ImmutableArray<GroupBoundary> boundaries)
{
    public Graph Graph { get; } = graph;

    /// <summary>One per input of <see cref="Graph"/>.</summary>
    public ImmutableArray<GroupInput> Inputs { get; } = inputs;

    /// <summary>One per output of <see cref="Graph"/>.</summary>
    public ImmutableArray<GroupOutput> Outputs { get; } = outputs;

    public FusionDomain Domain { get; } = domain;

    public ImmutableArray<long> MapShape => Domain.Shape;

    /// <summary>Operations of the source graph it computes.</summary>
    public int Operations { get; } = operations;

    /// <summary>Why the group ends where it does: one per output.</summary>
    public ImmutableArray<GroupBoundary> Boundaries { get; } = boundaries;
}
