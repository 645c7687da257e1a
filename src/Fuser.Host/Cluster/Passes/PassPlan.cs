using System.Collections.Immutable;
using Fuser.Kernels;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Cluster.Passes;

/// <summary>
/// How a run with reductions over its first axis, or over everything, is taken apart: in passes, each of which makes rows of outputs and subtrees of reductions. The subtrees of a
/// reduction are put together by the tree that would have gone on with them, so the whole has the bits of a run in one piece.
/// </summary>
internal sealed class PassPlan
{
    /// <summary>Each pass sends the inputs to the nodes once more, which a run in one piece does once.</summary>
    private const int MostPasses = 4;

    private readonly Placement _placement;
    private readonly ImmutableArray<PlanTensor> _outputs;
    private readonly ImmutableArray<ImmutableArray<long>> _shapes;

    private PassPlan(Placement placement, PartInputs inputs, ImmutableArray<Pass> passes, ImmutableArray<PlanTensor> outputs, ImmutableArray<ImmutableArray<long>> shapes)
    {
        _placement = placement;
        _outputs = outputs;
        _shapes = shapes;
        Inputs = inputs;
        Passes = passes;
    }

    /// <summary>The inputs as parts see them: vectors, where the run is cut between any two elements.</summary>
    public PartInputs Inputs { get; }

    public ImmutableArray<Pass> Passes { get; }

    /// <summary>What parts are counted in, for people.</summary>
    public string Unit => Inputs.Shapes.All(shape => shape.Length <= 1) ? "elements" : "rows";

    /// <summary>Null when the run cannot be taken apart.</summary>
    public static PassPlan? Of(NormalisedGraph graph, ReadOnlySpan<FuserValue> inputs)
    {
        if (OutputsOf(graph, Shadows(inputs)) is not { } outputs)
        {
            return null;
        }

        ImmutableArray<ImmutableArray<long>> shapes = [.. inputs.ToArray().Select(input => input.Kind == FuserValueKind.Array ? input.Array.Shape : [])];
        var largest = shapes.MaxBy(shape => Shapes.ElementCount(shape.AsSpan()));
        if (largest.IsDefaultOrEmpty)
        {
            return null;
        }

        // Vectors are cut into parts of any size; rows only between rows, and only those of the first axis.
        var elements = Shapes.ElementCount(largest.AsSpan());
        return (Flat(inputs) is { } flat && FlatValues.Of(outputs, elements) is { } vectors ? Of(vectors, outputs, elements, flat, static _ => true) : null)
            ?? Of(outputs, outputs, largest[0], shapes, static _ => true)
            ?? Of(outputs, outputs, largest[0], shapes, shape => shape.Length == largest.Length);
    }

    /// <summary>The graphs of parts of so many rows, a power of two.</summary>
    public PassGraphs Cut(long rows)
    {
        var last = Inputs.Rows % rows == 0 ? rows : Inputs.Rows % rows;
        return new PassGraphs(
            this,
            rows,
            [.. Passes.Select(pass => PartWriter.Part(_placement, Inputs, pass, rows, rows))],
            [.. Passes.Select(pass => PartWriter.Part(_placement, Inputs, pass, rows, last))],
            [.. Passes.Select(pass => PartWriter.Finish(_placement, Inputs, pass))]);
    }

    /// <summary>Bytes of all subtrees, which the caller holds until it has all of them.</summary>
    public long SubtreeBytes(long rows) => _placement.Reductions.Sum(reduction =>
        new Subtrees(reduction, rows) is var trees ? trees.In(Inputs.Rows) * trees.Results * Subtrees.TypeOf(reduction).ItemSize() : 0);

    /// <summary>The outputs of the run, in order, in their own shapes.</summary>
    public ImmutableArray<NdArray> Outputs(IReadOnlyDictionary<PlanTensor, NdArray> made) =>
        [.. _outputs.Select((output, i) => made[output].WithLayout(TensorLayout.Contiguous(_shapes[i])))];

    private static PassPlan? Of(ImmutableArray<PlanTensor> outputs, ImmutableArray<PlanTensor> wanted, long rows, ImmutableArray<ImmutableArray<long>> shapes, Func<ImmutableArray<long>, bool> mayBeSliced)
    {
        if (rows < 2)
        {
            return null;
        }

        var inputs = new PartInputs(rows, shapes, [.. shapes.Select(shape => shape is [var first, ..] && first == rows && mayBeSliced(shape))]);
        return Placement.Of(outputs, inputs) is { } placement && Pass.Of(placement, outputs) is { Length: > 0 and <= MostPasses } passes
            ? new PassPlan(placement, inputs, passes, outputs, [.. wanted.Select(output => output.Shape)])
            : null;
    }

    /// <summary>The shapes of the inputs as vectors; null when the memory of one does not allow that.</summary>
    private static ImmutableArray<ImmutableArray<long>>? Flat(ReadOnlySpan<FuserValue> inputs)
    {
        var shapes = ImmutableArray.CreateBuilder<ImmutableArray<long>>(inputs.Length);
        foreach (var input in inputs)
        {
            shapes.Add(input.Kind == FuserValueKind.Array ? [input.Array.ElementCount] : []);
            if (input.Kind == FuserValueKind.Array && Reshaping.TryReshape(input.Array.Layout, shapes[^1]) is null)
            {
                return null;
            }
        }

        return shapes.MoveToImmutable();
    }

    private static FuserValue[] Shadows(ReadOnlySpan<FuserValue> inputs) =>
        [.. inputs.ToArray().Select(input => input.Kind == FuserValueKind.Array ? NdArray.Shadow(input.Array.DType, input.Array.Shape) : input)];

    /// <summary>Null when there are none, or numbers among them: the run is then sent as it is, and its error comes from where it is run.</summary>
    private static ImmutableArray<PlanTensor>? OutputsOf(NormalisedGraph graph, FuserValue[] inputs)
    {
        try
        {
            var outputs = GraphEvaluator.Evaluate(graph.Graph, inputs, CancellationToken.None).Results;
            return outputs.All(output => output is PlanTensor) ? [.. outputs.Cast<PlanTensor>()] : null;
        }
        catch (FuserException)
        {
            return null;
        }
    }
}
