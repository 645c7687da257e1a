using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>What a buffer of a plan is.</summary>
internal enum BufferKind
{
    /// <summary>An array of the caller's, by input number.</summary>
    Input,

    /// <summary>A result, by output number.</summary>
    Output,

    /// <summary>Lives during the call only.</summary>
    Temporary,
}

/// <summary>Memory a plan works on; outputs and temporaries are row-major.</summary>
/// <param name="Index">Number of the input or output; 0 for temporaries.</param>
internal sealed record PlanBuffer(BufferKind Kind, int Index, DType Storage, ImmutableArray<long> Shape);

/// <summary>A result of the plan: a buffer, or a number of the call as a 0-dim array.</summary>
internal sealed record PlanOutput(DType DType, ImmutableArray<long> Shape, int Buffer, int ScalarSlot);

/// <summary>How one graph is run for one signature: its steps in order, and the memory between them.</summary>
internal sealed class GraphPlan(
    NormalisedGraph graph,
    Signature signature,
    ImmutableArray<PlanBuffer> buffers,
    ScalarProgram scalars,
    ImmutableArray<FusionGroup> groups,
    ImmutableArray<PlanStep> steps,
    ImmutableArray<PlanOutput> outputs,
    PlanOrigins origins)
{
    public NormalisedGraph Graph { get; } = graph;

    public Signature Signature { get; } = signature;

    /// <summary>The graph's inputs first, in order.</summary>
    public ImmutableArray<PlanBuffer> Buffers { get; } = buffers;

    public ScalarProgram Scalars { get; } = scalars;

    /// <summary>What runs as a kernel each.</summary>
    public ImmutableArray<FusionGroup> Groups { get; } = groups;

    /// <summary>Everything that runs, in order; each group once.</summary>
    public ImmutableArray<PlanStep> Steps { get; } = steps;

    public ImmutableArray<PlanOutput> Outputs { get; } = outputs;

    /// <summary>What tensors are in the source graph.</summary>
    public PlanOrigins Origins { get; } = origins;

    /// <summary>Where the temporaries lie, and how much memory that takes.</summary>
    public MemoryPlan Memory { get; } = MemoryPlan.Of(buffers, steps, groups);

    /// <summary>Memory a run takes beside its inputs: its outputs, and what lies between its steps. Saturates.</summary>
    public long RunBytes => Outputs.Aggregate(Memory.PeakBytes, (sum, output) => MemorySizes.Sum(sum, MemorySizes.Exact(Shapes.ElementCount(output.Shape.AsSpan()), output.DType.ItemSize())));

    /// <summary>An estimate of the memory the plan itself takes, with what is made of it to run it.</summary>
    public long EstimatedBytes { get; } = Estimate(buffers, scalars, groups, steps);

    private static long Estimate(ImmutableArray<PlanBuffer> buffers, ScalarProgram scalars, ImmutableArray<FusionGroup> groups, ImmutableArray<PlanStep> steps)
    {
        const long BytesOfNode = 400, BytesOfArgument = 500, BytesOfGroup = 2_000, BytesOfStep = 100, BytesOfBuffer = 200, BytesOfNumber = 100;
        var bytes = (steps.Length * BytesOfStep) + (buffers.Length * BytesOfBuffer) + (scalars.Count * BytesOfNumber) + (groups.Length * BytesOfGroup);
        bytes += groups.Sum(group => (group.Inputs.Length + group.Outputs.Length) * BytesOfArgument);
        return bytes + groups.Select(group => group.Graph).Distinct<Graph>(ReferenceEqualityComparer.Instance).Sum(graph => graph.Nodes.Length * BytesOfNode);
    }
}
