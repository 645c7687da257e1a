using System.Collections.Immutable;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>What windows of planes come to.</summary>
internal static class PoolingRules
{
    public static readonly Dictionary<string, PlanRule> Rules = new()
    {
        ["aten::max_pool1d"] = c => Maximum(c, 1, withIndices: false)[0],
        ["aten::max_pool2d"] = c => Maximum(c, 2, withIndices: false)[0],
        ["aten::max_pool1d_with_indices"] = c => new PlanList([.. Maximum(c, 1, withIndices: true)]),
        ["aten::max_pool2d_with_indices"] = c => new PlanList([.. Maximum(c, 2, withIndices: true)]),
        ["aten::avg_pool1d"] = c => Average(c, 1),
        ["aten::avg_pool2d"] = c => Average(c, 2),
        ["aten::adaptive_avg_pool1d"] = c => AdaptiveAverage(c, 1),
        ["aten::adaptive_avg_pool2d"] = c => AdaptiveAverage(c, 2),
        ["aten::adaptive_max_pool1d"] = c => new PlanList([.. Run(c, isMaximum: true, withIndices: true, AdaptiveAxes(c, 1), null)]),
        ["aten::adaptive_max_pool2d"] = c => new PlanList([.. Run(c, isMaximum: true, withIndices: true, AdaptiveAxes(c, 2), null)]),
    };

    /// <summary>Larger windows and strides are of no use, and would overflow.</summary>
    private const long MostSteps = int.MaxValue;

    private static ImmutableArray<PlanTensor> Maximum(RuleContext c, int rank, bool withIndices) =>
        Run(c, isMaximum: true, withIndices, Axes(c, rank, dilation: Steps(c, 4, rank, 1, 1), roundsUp: c.Boolean(5, false), countsPadding: false), null);

    private static PlanTensor Average(RuleContext c, int rank)
    {
        long? divisor = rank == 2 && !c.IsNone(6) ? c.Integer(6) : null;
        return divisor == 0
            ? throw c.Error(ErrorCodes.OperationArgument, "divisor_override is 0, wanted another number or None")
            : Run(c, isMaximum: false, withIndices: false, Axes(c, rank, dilation: [.. Enumerable.Repeat(1L, rank)], roundsUp: c.Boolean(4, false), countsPadding: c.Boolean(5, true)), divisor)[0];
    }

    /// <summary>Windows of one size are a mean over axes, which fuses with what stands around it.</summary>
    private static PlanTensor AdaptiveAverage(RuleContext c, int rank)
    {
        var axes = AdaptiveAxes(c, rank);
        var self = c.Tensor(0);
        if (!self.DType.IsFloatingPoint() || axes.Any(axis => axis.Output == 0 || axis.Input % axis.Output != 0))
        {
            return Run(c, isMaximum: false, withIndices: false, axes, null)[0];
        }

        var before = self.Shape.Length - rank;
        var apart = c.Reshape(self, [.. self.Shape[..before], .. axes.SelectMany(axis => new[] { axis.Output, axis.Input / axis.Output })]);
        ImmutableArray<int> within = [.. Enumerable.Range(0, rank).Select(axis => before + (2 * axis) + 1)];
        return c[apart].Mean(within).Dropping(within, keep: false);
    }

    /// <summary>The rank is made two, and the axes before it two.</summary>
    private static ImmutableArray<PlanTensor> Run(RuleContext c, bool isMaximum, bool withIndices, ImmutableArray<PoolAxis> axes, long? divisor)
    {
        var self = c.Tensor(0);
        if (self.DType == DType.Bool || (!isMaximum && !self.DType.IsFloatingPoint()))
        {
            throw c.Error(ErrorCodes.UnsupportedDType, $"got {self.DType.DisplayName()}, wanted a {(isMaximum ? "dtype of numbers" : "floating point dtype")}; convert with aten::to");
        }

        var rank = axes.Length;
        var before = self.Shape.Length - rank;
        ImmutableArray<long> outer = before == 2 ? self.Shape[..2] : [1, self.Shape[0]];
        var planes = c.Reshape(self, [.. outer, .. rank == 1 ? [1] : ImmutableArray<long>.Empty, .. self.Shape[before..]]);
        var rows = rank == 1 ? PoolAxis.Single : axes[0];
        ImmutableArray<long> shape = [.. outer, rows.Output, axes[^1].Output];
        Shapes.ElementCount(shape.AsSpan());
        var pooling = new Pooling(c.Kind, isMaximum, rows, axes[^1], divisor);
        var results = withIndices
            ? c.Run(pooling, [planes], new RoutineResult(self.DType, shape), new RoutineResult(DType.Int64, shape))
            : c.Run(pooling, [planes], new RoutineResult(self.DType, shape));
        ImmutableArray<long> wanted = [.. self.Shape[..before], .. axes.Select(axis => axis.Output)];
        return [.. results.Select(result => c.Reshape(result, wanted))];
    }

    private static ImmutableArray<PoolAxis> Axes(RuleContext c, int rank, ImmutableArray<long> dilation, bool roundsUp, bool countsPadding)
    {
        var space = Space(c, rank);
        var kernel = Steps(c, 1, rank, 1, 1);
        var stride = c.IsNone(2) || (c[2] is PlanList or PlanConstant && c.Integers(2).IsEmpty) ? kernel : Steps(c, 2, rank, 1, 1);
        var padding = Steps(c, 3, rank, 0, 0);
        var axes = ImmutableArray.CreateBuilder<PoolAxis>(rank);
        for (var i = 0; i < rank; i++)
        {
            if (padding[i] > kernel[i] / 2)
            {
                throw c.Error(ErrorCodes.InvalidShape, $"padding {padding[i]} is more than half of the window of {kernel[i]}");
            }

            var span = (Int128)space[i] + (2 * padding[i]) - (dilation[i] * (kernel[i] - 1)) - 1;
            var output = span < 0 && !(roundsUp && span + stride[i] > 0) ? 0 : (long)((span + (roundsUp ? stride[i] - 1 : 0)) / stride[i]) + 1;

            // The last window must begin before the padding behind does.
            output -= roundsUp && (Int128)(output - 1) * stride[i] >= (Int128)space[i] + padding[i] ? 1 : 0;
            if (output < 1)
            {
                throw c.Error(ErrorCodes.InvalidShape, $"a window of {(Int128)dilation[i] * (kernel[i] - 1) + 1} elements does not fit an axis of {space[i]} with padding {padding[i]}");
            }

            axes.Add(new PoolAxis(space[i], output, kernel[i], stride[i], padding[i], dilation[i], countsPadding));
        }

        return axes.MoveToImmutable();
    }

    private static ImmutableArray<PoolAxis> AdaptiveAxes(RuleContext c, int rank)
    {
        var space = Space(c, rank);
        var wanted = Outputs(c, rank, space);
        return [.. space.Zip(wanted, PoolAxis.Adaptive)];
    }

    /// <summary>The output sizes; None keeps that of the input.</summary>
    private static ImmutableArray<long> Outputs(RuleContext c, int rank, ImmutableArray<long> space)
    {
        ImmutableArray<long> given = c[1] is PlanList list && list.Items.Length == rank
            ? [.. list.Items.Select((item, axis) => item is PlanNumber number ? c.Integer(number) : space[axis])]
            : c.Integers(1);
        return (given.Length == 1 || given.Length == rank) && given.All(size => size is >= 0 and <= MostSteps)
            ? given.Length == rank ? given : [.. Enumerable.Repeat(given[0], rank)]
            : throw c.Error(ErrorCodes.InvalidShape, $"output_size is {Shapes.Text(given.AsSpan())}, wanted {rank} sizes from 0 to {MostSteps}");
    }

    private static ImmutableArray<long> Space(RuleContext c, int rank)
    {
        var shape = c.Tensor(0).Shape;
        return (shape.Length == rank + 1 || shape.Length == rank + 2) && shape[^(rank + 1)..].All(size => size is > 0 and <= long.MaxValue / (4 * MostSteps))
            ? shape[^rank..]
            : throw c.Error(ErrorCodes.InvalidShape, $"input is {Shapes.Text(shape.AsSpan())}, wanted channels and {rank} {(rank == 1 ? "axis" : "axes")} of space, none of them empty, with or without a batch before them");
    }

    private static ImmutableArray<long> Steps(RuleContext c, int index, int rank, long least, long whenAbsent)
    {
        ImmutableArray<long> given = c.IsNone(index) ? [whenAbsent] : c.Integers(index);
        return (given.Length == 1 || given.Length == rank) && given.All(step => step >= least && step <= MostSteps)
            ? given.Length == rank ? given : [.. Enumerable.Repeat(given[0], rank)]
            : throw c.Error(ErrorCodes.InvalidShape, $"argument {index} is {Shapes.Text(given.AsSpan())}, wanted {rank} numbers from {least} to {MostSteps}");
    }
}
