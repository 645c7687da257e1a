using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Programs;

/// <summary>
/// A graph with decisions that only values of a call can make: regions, each planned and compiled as a graph of its own, and around them
/// branches, loops, numbers and lists, which are interpreted. A value has a slot, and a slot holds one value: a loop of any length needs no
/// more of them.
/// </summary>
internal sealed class GraphProgram(
    NormalisedGraph graph,
    ProgramBlock body,
    ImmutableArray<ProgramConstant> constants,
    ImmutableArray<Region> regions,
    int slots)
{
    private Region? _copyOfOne;
    private Region? _copyOfSeveral;

    public NormalisedGraph Graph { get; } = graph;

    /// <summary>What is run; its inputs are those of the graph.</summary>
    public ProgramBlock Body { get; } = body;

    public ImmutableArray<ProgramConstant> Constants { get; } = constants;

    /// <summary>All regions, by number.</summary>
    public ImmutableArray<Region> Regions { get; } = regions;

    public int SlotCount { get; } = slots;

    /// <summary>The region that copies so many values. Kept, because a program hands out the same number on every run, or copies one.</summary>
    public Region Copies(int count)
    {
        ref var kept = ref count == 1 ? ref _copyOfOne : ref _copyOfSeveral;
        var region = Volatile.Read(ref kept);
        if (region is null || region.Inputs.Length != count)
        {
            Volatile.Write(ref kept, region = Region.OfCopies(count));
        }

        return region;
    }

    /// <summary>The program of a graph, or null when the graph is one plan and needs none.</summary>
    /// <exception cref="GraphException">Something in it cannot be run; the message says where.</exception>
    public static GraphProgram? Of(NormalisedGraph graph)
    {
        var types = ValueTypes.Of(graph.Graph);
        return graph.Graph.Nodes.Any(node => ValueOperations.NeedsProgram(node, types)) ? ProgramBuilder.Build(graph, types) : null;
    }
}

/// <summary>A literal that steps use; it is in its slot before the first step.</summary>
internal readonly record struct ProgramConstant(int Slot, Node Node);

/// <summary>Steps that run one after the other.</summary>
/// <param name="Inputs">Slots that whoever runs the block fills.</param>
/// <param name="Outputs">Slots that hold its results afterwards.</param>
/// <param name="Own">Those of both that the block itself defines; they are emptied when its results were taken.</param>
internal sealed record ProgramBlock(ImmutableArray<ProgramStep> Steps, ImmutableArray<int> Inputs, ImmutableArray<int> Outputs, ImmutableArray<int> Own);

/// <summary>One step of a program.</summary>
internal abstract record ProgramStep
{
    /// <summary>Slots that no later step reads; they are emptied, so that memory does not wait for the end.</summary>
    public ImmutableArray<int> Releases { get; init; } = [];
}

/// <summary>A node on numbers, lists, or the shape or one element of a tensor.</summary>
internal sealed record HostStep(Node Node, ImmutableArray<int> Inputs, ImmutableArray<int> Outputs) : ProgramStep
{
    /// <summary>Whether it is arithmetic on plain numbers.</summary>
    public bool IsArithmetic { get; init; }

    /// <summary>Whether it reads an element of a tensor.</summary>
    public bool IsRead { get; init; }

    /// <summary>Whether it changes a list, or ends the run.</summary>
    public bool HasEffect { get; init; }
}

/// <summary>Operations on tensors that are planned together.</summary>
internal sealed record RegionStep(Region Region, ImmutableArray<int> Inputs, ImmutableArray<int> Outputs) : ProgramStep;

/// <summary>A <c>prim::If</c>.</summary>
internal sealed record BranchStep(Node Node, int Condition, ProgramBlock Then, ProgramBlock Else, ImmutableArray<int> Outputs) : ProgramStep;

/// <summary>A <c>prim::Loop</c>. The body's first input is the number of the trip, its first output says whether to go on.</summary>
internal sealed record LoopStep(Node Node, int Trips, int Condition, ImmutableArray<int> Initial, ProgramBlock Body, ImmutableArray<int> Outputs) : ProgramStep;
