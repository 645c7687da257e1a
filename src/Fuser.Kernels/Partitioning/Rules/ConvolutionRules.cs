using System.Collections.Immutable;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>Convolutions: the input is padded, the rest is a product over windows.</summary>
internal static class ConvolutionRules
{
    public static readonly Dictionary<string, PlanRule> Rules = new()
    {
        ["aten::conv1d"] = c => Forward(c, 1),
        ["aten::conv2d"] = c => Forward(c, 2),
        ["aten::conv3d"] = c => Forward(c, 3),
        ["aten::conv_transpose1d"] = c => Backward(c, 1),
        ["aten::conv_transpose2d"] = c => Backward(c, 2),
        ["aten::convolution"] = General,
        ["aten::_convolution"] = General,
    };

    /// <summary>Larger windows, strides and the like are of no use, and would overflow.</summary>
    private const long MostSteps = int.MaxValue;

    /// <summary>What all forms have, in the order of the axes of space.</summary>
    private sealed record Settings(ImmutableArray<long> Stride, ImmutableArray<long> Before, ImmutableArray<long> Behind, ImmutableArray<long> Dilation, long Groups);

    private static PlanTensor Forward(RuleContext c, int rank)
    {
        var weight = Weight(c, rank);
        var (stride, dilation) = (Steps(c, 3, rank, 1, 1), Steps(c, 5, rank, 1, 1));
        var settings = c.Text(4) is { } padding
            ? Named(c, padding, weight, stride, dilation)
            : new Settings(stride, Steps(c, 4, rank, 0, 0), Steps(c, 4, rank, 0, 0), dilation, c.Integer(6, 1));
        return WithBias(c, settings, c.OptionalTensor(2), rank, (input, s) => Convolve(c, input, weight, s));
    }

    /// <summary>Padding by name: none, or as much as keeps the size, the odd element behind.</summary>
    private static Settings Named(RuleContext c, string padding, PlanTensor weight, ImmutableArray<long> stride, ImmutableArray<long> dilation)
    {
        if (padding is not ("same" or "valid") || (padding == "same" && stride.Any(step => step != 1)))
        {
            throw c.Error(ErrorCodes.OperationArgument, $"padding is \"{padding}\" with stride {Shapes.Text(stride.AsSpan())}, wanted widths, \"valid\", or \"same\" with stride 1");
        }

        ImmutableArray<long> total = [.. dilation.Select((step, axis) => padding == "same" ? step * (weight.Shape[axis + 2] - 1) : 0)];
        return new Settings(stride, [.. total.Select(width => width / 2)], [.. total.Select(width => width - (width / 2))], dilation, c.Integer(6, 1));
    }

    private static PlanTensor Backward(RuleContext c, int rank)
    {
        var weight = Weight(c, rank);
        return Transposed(c, weight, Steps(c, 3, rank, 1, 1), Steps(c, 4, rank, 0, 0), Steps(c, 7, rank, 1, 1), Steps(c, 5, rank, 0, 0), c.Integer(6, 1));
    }

    private static PlanTensor General(RuleContext c)
    {
        var rank = c.Tensor(1).Shape.Length - 2;
        if (rank is < 1 or > 3)
        {
            throw c.Error(ErrorCodes.InvalidShape, $"weight is {Shapes.Text(c.Tensor(1).Shape.AsSpan())}, wanted three to five axes");
        }

        var (weight, stride, padding, dilation) = (c.Tensor(1), Steps(c, 3, rank, 1, 1), Steps(c, 4, rank, 0, 0), Steps(c, 5, rank, 1, 1));
        return c.Boolean(6, false)
            ? Transposed(c, weight, stride, padding, dilation, Steps(c, 7, rank, 0, 0), c.Integer(8, 1))
            : WithBias(c, new Settings(stride, padding, padding, dilation, c.Integer(8, 1)), c.OptionalTensor(2), rank, (input, s) => Convolve(c, input, weight, s));
    }

    /// <summary>An input without a batch is a batch of one; the bias is one number per channel of the result.</summary>
    private static PlanTensor WithBias(RuleContext c, Settings settings, PlanTensor? bias, int rank, Func<PlanTensor, Settings, PlanTensor> convolve)
    {
        var input = c.Tensor(0);
        if (input.Shape.Length != rank + 1 && input.Shape.Length != rank + 2)
        {
            throw c.Error(ErrorCodes.InvalidShape, $"input is {Shapes.Text(input.Shape.AsSpan())}, wanted channels and {rank} axes of space, with or without a batch before them");
        }

        var isBatch = input.Shape.Length == rank + 2;
        var result = convolve(isBatch ? input : Contractions.Unsqueeze(c, input, 0), settings);
        if (bias is not null)
        {
            if (!bias.Shape.AsSpan().SequenceEqual([result.Shape[1]]))
            {
                throw c.Error(ErrorCodes.InvalidShape, $"bias is {Shapes.Text(bias.Shape.AsSpan())}, wanted {Shapes.Text([result.Shape[1]])}");
            }

            Contractions.CommonType(c, result, bias);
            result = c.Call("aten::add", result, c.Reshape(bias, [result.Shape[1], .. Enumerable.Repeat(1L, rank)]));
        }

        return isBatch ? result : c.Drop(result, [0]);
    }

    private static PlanTensor Convolve(RuleContext c, PlanTensor input, PlanTensor weight, Settings settings)
    {
        var dtype = Contractions.CommonType(c, input, weight);
        var groups = settings.Groups;
        if (!dtype.IsFloatingPoint())
        {
            throw c.Error(ErrorCodes.UnsupportedDType, $"got {dtype.DisplayName()}, wanted a floating point dtype; convert with aten::to");
        }

        if (groups < 1 || weight.Shape[0] % groups != 0 || (Int128)weight.Shape[1] * groups != input.Shape[1])
        {
            throw c.Error(ErrorCodes.InvalidShape, $"input {Shapes.Text(input.Shape.AsSpan())} does not fit weight {Shapes.Text(weight.Shape.AsSpan())} in {groups} groups: the weight wants {weight.Shape[1]} channels a group, and out channels that the groups divide");
        }

        var space = Enumerable.Range(0, settings.Stride.Length);
        var padded = RearrangementRules.Padded(c, input, RuleContext.Number(0), [.. space.Select(axis => (axis + 2, settings.Before[axis], settings.Behind[axis]))]);
        var shape = ImmutableArray.CreateBuilder<long>();
        shape.AddRange(input.Shape[0], weight.Shape[0]);
        foreach (var axis in space)
        {
            var (size, window) = (padded.Shape[axis + 2], (Int128)settings.Dilation[axis] * (weight.Shape[axis + 2] - 1));
            if (weight.Shape[axis + 2] == 0 || window >= size)
            {
                throw c.Error(ErrorCodes.InvalidShape, $"a window of {window + 1} elements does not fit axis {axis + 2} of the input, which has {size} with its padding");
            }

            shape.Add(((size - (long)window - 1) / settings.Stride[axis]) + 1);
        }

        Shapes.ElementCount(shape.ToArray());
        return c.Run(new Convolution(c.Kind, settings.Stride, settings.Dilation, groups), [padded, weight], new RoutineResult(dtype, shape.ToImmutable()))[0];
    }

    /// <summary>A transposed convolution is one of the input, its elements spread by the stride, with the window flipped.</summary>
    private static PlanTensor Transposed(RuleContext c, PlanTensor weight, ImmutableArray<long> stride, ImmutableArray<long> padding, ImmutableArray<long> dilation, ImmutableArray<long> added, long groups)
    {
        var rank = stride.Length;
        if (groups < 1 || weight.Shape[0] % groups != 0 || added.Where((width, axis) => width >= Math.Max(stride[axis], dilation[axis])).Any())
        {
            throw c.Error(ErrorCodes.InvalidShape, $"weight {Shapes.Text(weight.Shape.AsSpan())}, {groups} groups and output padding {Shapes.Text(added.AsSpan())} do not go together; the groups divide the channels, the output padding is below stride or dilation");
        }

        ImmutableArray<long> reach = [.. dilation.Select((step, axis) => step * (weight.Shape[axis + 2] - 1))];
        var settings = new Settings(
            [.. Enumerable.Repeat(1L, rank)], [.. reach.Select((width, axis) => width - padding[axis])], [.. reach.Select((width, axis) => width - padding[axis] + added[axis])], dilation, groups);
        return WithBias(c, settings, c.OptionalTensor(2), rank, (input, s) => Convolve(c, Spread(c, input, stride), Flipped(c, weight, groups), s));
    }

    /// <summary>Zeros between the elements of the axes of space.</summary>
    private static PlanTensor Spread(RuleContext c, PlanTensor input, ImmutableArray<long> stride)
    {
        for (var axis = 2; axis < input.Shape.Length; axis++)
        {
            var (size, step) = (input.Shape[axis], stride[axis - 2]);
            if (step > 1 && size > 1)
            {
                var apart = RearrangementRules.Padded(c, Contractions.Unsqueeze(c, input, axis + 1), RuleContext.Number(0), [(axis + 1, 0, step - 1)]);
                input = c.Narrow(c.Reshape(apart, input.Shape.SetItem(axis, checked(size * step))), axis, 0, ((size - 1) * step) + 1);
            }
        }

        return input;
    }

    /// <summary>From [in, out / groups, window] to [out, in / groups, window reversed].</summary>
    private static PlanTensor Flipped(RuleContext c, PlanTensor weight, long groups)
    {
        var (input, output, space) = (weight.Shape[0] / groups, weight.Shape[1], weight.Shape[2..]);
        var grouped = c.Reshape(weight, [groups, input, output, .. space]);
        var turned = new IndexMap([AxisSource.Of(0), AxisSource.Of(2), AxisSource.Of(1), .. space.Select((size, axis) => new AxisSource(axis + 3, -1, size - 1))]);
        return c.Reshape(c.Look(grouped, new View([groups, output, input, .. space], turned)), [checked(groups * output), input, .. space]);
    }

    private static PlanTensor Weight(RuleContext c, int rank) => c.Tensor(1).Shape.Length == rank + 2
        ? c.Tensor(1)
        : throw c.Error(ErrorCodes.InvalidShape, $"weight is {Shapes.Text(c.Tensor(1).Shape.AsSpan())}, wanted {rank + 2} axes");

    /// <summary>One number per axis of space; a single one is for all.</summary>
    private static ImmutableArray<long> Steps(RuleContext c, int index, int rank, long least, long whenAbsent)
    {
        ImmutableArray<long> given = c.IsNone(index) ? [whenAbsent] : c.Integers(index);
        return (given.Length == 1 || given.Length == rank) && given.All(step => step >= least && step <= MostSteps)
            ? given.Length == rank ? given : [.. Enumerable.Repeat(given[0], rank)]
            : throw c.Error(ErrorCodes.InvalidShape, $"argument {index} is {Shapes.Text(given.AsSpan())}, wanted {rank} numbers from {least} to {MostSteps}");
    }
}
