using System.Collections.Immutable;
using Fuser.Kernels;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Cluster;

/// <summary>
/// How one run is taken apart along its first axis. It can be when every kernel of its plan runs over that axis without reducing it, reads and writes only what belongs to
/// the index it is at, and counts nothing along it; and when the plans of the parts are the same kernels with the same numbers. Each part then computes the same bits.
/// </summary>
internal sealed class RowSplit
{
    private readonly GraphPlan _plan;
    private readonly FuserValue[] _shadows;

    private RowSplit(GraphPlan plan, FuserValue[] shadows, long rows, ImmutableArray<bool> sliced)
    {
        _plan = plan;
        _shadows = shadows;
        Rows = rows;
        Sliced = sliced;
    }

    /// <summary>Size of the first axis.</summary>
    public long Rows { get; }

    /// <summary>Per input, whether parts get a part of it; the others are sent whole.</summary>
    public ImmutableArray<bool> Sliced { get; }

    /// <summary>Null when the run cannot be taken apart.</summary>
    public static RowSplit? Of(NormalisedGraph graph, ReadOnlySpan<FuserValue> inputs)
    {
        var shadows = Shadows(inputs);
        if (PlanOf(graph, shadows) is not { } plan || plan.Groups.IsEmpty || !plan.Steps.All(step => step is KernelStep) || plan.Groups[0].MapShape.IsEmpty)
        {
            return null;
        }

        var rows = plan.Groups[0].MapShape[0];
        var moves = new bool?[plan.Buffers.Length];
        foreach (var group in plan.Groups)
        {
            if (group.MapShape.IsEmpty || group.MapShape[0] != rows || (group.Domain.HasReductions && group.Domain.Reduced[0]) || !Walk(group, plan, rows, moves))
            {
                return null;
            }
        }

        var outputs = plan.Outputs.All(output => output.Buffer >= 0 && output.Shape.Length > 0 && output.Shape[0] == rows && moves[output.Buffer] == true);
        return rows > 1 && outputs ? new RowSplit(plan, shadows, rows, [.. Enumerable.Range(0, inputs.Length).Select(i => moves[i] == true)]) : null;
    }

    /// <summary>Whether parts of that many rows are the same kernels with the same numbers.</summary>
    public bool Allows(long rows)
    {
        var part = Slice(_shadows, 0, rows);
        if (PlanOf(_plan.Graph, part) is not { } got || got.Groups.Length != _plan.Groups.Length || got.Scalars.Count != _plan.Scalars.Count)
        {
            return false;
        }

        for (var i = 0; i < got.Groups.Length; i++)
        {
            if (Specialisation.Of(got.Groups[i], "").Spec.Text != Specialisation.Of(_plan.Groups[i], "").Spec.Text)
            {
                return false;
            }
        }

        var (numbers, others) = (new FuserValue[_plan.Scalars.Count], new FuserValue[_plan.Scalars.Count]);
        _plan.Scalars.Run(_shadows, numbers);
        got.Scalars.Run(part, others);
        for (var i = 0; i < numbers.Length; i++)
        {
            if (numbers[i].Kind != FuserValueKind.Array && numbers[i] != others[i])
            {
                return false;
            }
        }

        return _plan.Outputs.Zip(got.Outputs).All(pair => pair.First.Shape.AsSpan()[1..].SequenceEqual(pair.Second.Shape.AsSpan()[1..]) && pair.Second.Shape[0] == rows);
    }

    /// <summary>The inputs of a part.</summary>
    public FuserValue[] Slice(ReadOnlySpan<FuserValue> inputs, long first, long rows)
    {
        var part = inputs.ToArray();
        for (var i = 0; i < part.Length; i++)
        {
            if (Sliced[i])
            {
                part[i] = RowsOf(part[i].Array, first, rows);
            }
        }

        return part;
    }

    /// <summary>Some rows of an array, in its memory.</summary>
    public static NdArray RowsOf(NdArray array, long first, long rows) => array.WithLayout(
        new TensorLayout(array.Layout.Sizes.SetItem(0, rows), array.Layout.Strides, array.Layout.Offset + (first * array.Layout.Strides[0])));

    private static bool Walk(FusionGroup group, GraphPlan plan, long rows, bool?[] moves)
    {
        foreach (var input in group.Inputs)
        {
            switch (input)
            {
                case TensorInput tensor when tensor.Layout.Strides[0] == 0:
                    // The same for all rows: of an input of the graph, never of what another kernel made.
                    if (plan.Buffers[tensor.Buffer].Kind != BufferKind.Input || moves[tensor.Buffer] == true)
                    {
                        return false;
                    }

                    moves[tensor.Buffer] = false;
                    break;
                case TensorInput tensor:
                    if (moves[tensor.Buffer] == false || !StaysInItsRow(tensor.Layout, plan.Buffers[tensor.Buffer].Shape, rows))
                    {
                        return false;
                    }

                    moves[tensor.Buffer] = true;
                    break;
                case SeedInput:
                case IndexInput index when index.Layout.Strides[0] != 0:
                    return false;
            }
        }

        foreach (var output in group.Outputs)
        {
            if (moves[output.Buffer] == false || !StaysInItsRow(output.Layout, plan.Buffers[output.Buffer].Shape, rows))
            {
                return false;
            }

            moves[output.Buffer] = true;
        }

        return true;
    }

    /// <summary>Whether index i of the first axis touches elements of row i of the buffer only.</summary>
    private static bool StaysInItsRow(TensorLayout layout, ImmutableArray<long> shape, long rows)
    {
        if (shape.IsEmpty || shape[0] != rows)
        {
            return false;
        }

        var row = Shapes.ElementCount(shape.AsSpan()[1..]);
        var (lowest, highest) = (layout.Offset, layout.Offset);
        for (var axis = 1; axis < layout.Rank; axis++)
        {
            var reach = layout.Strides[axis] * Math.Max(0, layout.Sizes[axis] - 1);
            lowest += Math.Min(0, reach);
            highest += Math.Max(0, reach);
        }

        return layout.Strides[0] == row && lowest >= 0 && highest < row;
    }

    private static FuserValue[] Shadows(ReadOnlySpan<FuserValue> inputs)
    {
        var shadows = inputs.ToArray();
        for (var i = 0; i < shadows.Length; i++)
        {
            if (shadows[i].Kind == FuserValueKind.Array)
            {
                shadows[i] = NdArray.Shadow(shadows[i].Array.DType, shadows[i].Array.Shape);
            }
        }

        return shadows;
    }

    /// <summary>Null when there is none: the run is then sent as it is, and its error comes from where it is run.</summary>
    private static GraphPlan? PlanOf(NormalisedGraph graph, FuserValue[] inputs)
    {
        try
        {
            return Partitioner.Plan(graph, inputs, FusionMode.Fused);
        }
        catch (FuserException)
        {
            return null;
        }
    }
}
