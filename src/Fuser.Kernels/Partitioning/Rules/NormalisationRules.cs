using System.Collections.Immutable;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>Softmax and the normalising layers.</summary>
internal static class NormalisationRules
{
    public static readonly Dictionary<string, PlanRule> Rules = new()
    {
        ["aten::softmax"] = c => Softmax(Input(c, c.DTypeAt(2)), Axis(c)).Tensor,
        ["aten::_softmax"] = c => Softmax(Input(c, Widened(c)), Axis(c)).Tensor,
        ["aten::log_softmax"] = c => LogSoftmax(Input(c, c.DTypeAt(2)), Axis(c)).Tensor,
        ["aten::_log_softmax"] = c => LogSoftmax(Input(c, Widened(c)), Axis(c)).Tensor,
        ["aten::layer_norm"] = c => LayerNorm(c).Output,
        ["aten::native_layer_norm"] = NativeLayerNorm,
        ["aten::rms_norm"] = RmsNorm,
        ["aten::group_norm"] = GroupNorm,
        ["aten::instance_norm"] = c => c.Boolean(5, true)
            ? ChannelNorm(c, [.. Enumerable.Range(2, Math.Max(c.Tensor(0).Shape.Length - 2, 0))], 7)
            : Normalise(c, c.Operand(0), Channel(c, 3), Channel(c, 4), c.NumberAt(7, 1e-5), Channel(c, 1), Channel(c, 2)),
        ["aten::batch_norm"] = BatchNorm,
    };

    /// <summary>Times the reciprocal of the sum, one division per row instead of one per element: half a unit in the last place for a quarter of the time.</summary>
    public static PlanExpression Softmax(PlanExpression x, ImmutableArray<int> axes)
    {
        var e = (x - x.Maximum(axes)).Exp();
        return e * e.Sum(axes).Call("aten::reciprocal");
    }

    public static PlanExpression LogSoftmax(PlanExpression x, ImmutableArray<int> axes)
    {
        var shifted = x - x.Maximum(axes);
        return shifted - shifted.Exp().Sum(axes).Log();
    }

    private static PlanExpression Input(RuleContext c, DType? dtype)
    {
        var x = c.Operand(0).To(dtype ?? c.Tensor(0).DType);
        return x.DType.IsFloatingPoint() ? x : throw c.Error(ErrorCodes.UnsupportedDType, $"got {x.DType.DisplayName()}, wanted a floating point tensor, or a dtype to convert to");
    }

    private static DType? Widened(RuleContext c) => c.Boolean(2, false) ? DType.Float32 : null;

    private static ImmutableArray<int> Axis(RuleContext c) => c.Tensor(0).Shape.IsEmpty ? [] : [ViewOperations.Axis(c.Integer(1), c.Tensor(0).Shape.Length)];

    /// <summary>The axes that a normalised shape names: the last ones.</summary>
    private static ImmutableArray<int> Trailing(RuleContext c, PlanTensor input, ImmutableArray<long> shape)
    {
        var first = input.Shape.Length - shape.Length;
        return first >= 0 && !shape.IsEmpty && input.Shape.AsSpan()[first..].SequenceEqual(shape.AsSpan())
            ? [.. Enumerable.Range(first, shape.Length)]
            : throw c.Error(ErrorCodes.InvalidShape, $"the normalised shape {Shapes.Text(shape.AsSpan())} is not how {Shapes.Text(input.Shape.AsSpan())} ends");
    }

    private static (PlanTensor Output, PlanExpression Mean, PlanExpression Scale) LayerNorm(RuleContext c)
    {
        var x = Input(c, null);
        var axes = Trailing(c, x, c.Integers(1));
        var (variance, mean, deviation) = MomentRules.Moments(x, axes);
        var scale = (variance + c.NumberAt(4, 1e-5)).Rsqrt();
        return (Affine(c, (deviation * scale).Rounded(x.DType), PerElement(c, 2), PerElement(c, 3)).To(x.DType), mean.Rounded(x.DType), scale.Rounded(x.DType));
    }

    private static PlanList NativeLayerNorm(RuleContext c)
    {
        var (output, mean, scale) = LayerNorm(c);
        return new PlanList([output, mean.Tensor, scale.Tensor]);
    }

    /// <summary>x over the root of the mean of its squares; eps is that of the dtype where it is None.</summary>
    private static PlanTensor RmsNorm(RuleContext c)
    {
        var x = Input(c, null);
        var epsilon = x.DType switch { DType.Float64 => double.BitIncrement(1) - 1, DType.Float16 => 1.0 / 1024, DType.BFloat16 => 1.0 / 128, _ => float.BitIncrement(1) - 1 };
        var scale = (x.Wide().Square().WideMean(Trailing(c, x, c.Integers(1))) + c.NumberAt(3, epsilon)).Rsqrt();
        return Affine(c, (x.Wide() * scale).Rounded(x.DType), PerElement(c, 2), null).To(x.DType);
    }

    /// <summary>A tensor in the normalised shape, or none.</summary>
    private static PlanTensor? PerElement(RuleContext c, int index) => c.OptionalTensor(index) is not { } tensor ? null
        : tensor.Shape.AsSpan().SequenceEqual(c.Integers(1).AsSpan()) ? tensor
        : throw c.Error(ErrorCodes.InvalidShape, $"argument {index} has shape {Shapes.Text(tensor.Shape.AsSpan())}, wanted the normalised shape {Shapes.Text(c.Integers(1).AsSpan())}");

    /// <summary>(input, groups, weight, bias, eps): the channels of axis 1 in groups, each normalised with all that lies behind it.</summary>
    private static PlanTensor GroupNorm(RuleContext c)
    {
        var x = Input(c, null);
        var groups = c.Integer(1);
        if (x.Rank < 2 || groups < 1 || x.Shape[1] % groups != 0)
        {
            throw c.Error(ErrorCodes.InvalidShape, $"cannot make {groups} groups of axis 1 of {Shapes.Text(x.Shape.AsSpan())}; wanted a number that divides it");
        }

        ImmutableArray<long> split = [x.Shape[0], groups, x.Shape[1] / groups, .. x.Shape[2..]];
        var grouped = c[c.Reshape(x, split)];
        var (variance, _, deviation) = MomentRules.Moments(grouped, [.. Enumerable.Range(2, split.Length - 2)]);
        var normalised = Affine(c, (deviation * (variance + c.NumberAt(4, 1e-5)).Rsqrt()).Rounded(x.DType), PerGroup(2), PerGroup(3));
        return c.Reshape(normalised.To(x.DType), x.Shape);

        PlanTensor? PerGroup(int index) => Channel(c, index) is { } tensor ? c.Reshape(tensor, [groups, split[2], .. Enumerable.Repeat(1L, x.Rank - 2)]) : null;
    }

    /// <summary>(input, weight, bias, running_mean, running_var, training, momentum, eps). Running statistics are read, and never changed: a graph has no side effects.</summary>
    private static PlanTensor BatchNorm(RuleContext c)
    {
        var x = Input(c, null);
        return c.Boolean(5, false)
            ? ChannelNorm(c, [.. Enumerable.Range(0, x.Rank).Where(axis => axis != 1)], 7)
            : Normalise(c, x, Channel(c, 3), Channel(c, 4), c.NumberAt(7, 1e-5), Channel(c, 1), Channel(c, 2));
    }

    private static PlanTensor ChannelNorm(RuleContext c, ImmutableArray<int> axes, int epsilon)
    {
        var x = Input(c, null);
        if (x.Rank < 2)
        {
            throw c.Error(ErrorCodes.InvalidShape, $"the input has shape {Shapes.Text(x.Shape.AsSpan())}, wanted channels along axis 1");
        }

        var (variance, _, deviation) = MomentRules.Moments(x, axes);
        return Affine(c, (deviation * (variance + c.NumberAt(epsilon, 1e-5)).Rsqrt()).Rounded(x.DType), Channel(c, 1), Channel(c, 2)).To(x.DType);
    }

    private static PlanTensor Normalise(RuleContext c, PlanExpression x, PlanTensor? mean, PlanTensor? variance, PlanValue epsilon, PlanTensor? weight, PlanTensor? bias)
    {
        if (mean is null || variance is null)
        {
            throw c.Error(ErrorCodes.OperationArgument, "wanted running_mean and running_var, because statistics of the input were not asked for");
        }

        return Affine(c, (x - c[mean]) * (c[variance] + epsilon).Rsqrt(), weight, bias).To(x.DType);
    }

    /// <summary>A tensor of one number per channel, along axis 1 of the input.</summary>
    private static PlanTensor? Channel(RuleContext c, int index)
    {
        var (input, tensor) = (c.Tensor(0), c.OptionalTensor(index));
        if (tensor is null)
        {
            return null;
        }

        return input.Shape.Length >= 2 && tensor.Shape is [var channels] && channels == input.Shape[1]
            ? c.Reshape(tensor, [channels, .. Enumerable.Repeat(1L, input.Shape.Length - 2)])
            : throw c.Error(ErrorCodes.InvalidShape, $"argument {index} has shape {Shapes.Text(tensor.Shape.AsSpan())}, wanted one number per channel of {Shapes.Text(input.Shape.AsSpan())}, which is axis 1");
    }

    private static PlanExpression Affine(RuleContext c, PlanExpression x, PlanTensor? weight, PlanTensor? bias)
    {
        x = weight is null ? x : x * c[weight];
        return bias is null ? x : x + c[bias];
    }
}
