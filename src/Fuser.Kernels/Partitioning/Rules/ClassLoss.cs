using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>
/// The loss of targets that are classes. The target's entry is picked by summing over the classes what is not the target as 0, which is exact and keeps
/// the loss in the kernel that makes the logarithms. A target that is no class gives NaN, unless it is the index to ignore.
/// </summary>
internal sealed class ClassLoss
{
    private readonly RuleContext _c;
    private readonly PlanExpression _likelihood;
    private readonly PlanExpression _target;
    private readonly PlanExpression _isTarget;
    private readonly PlanExpression _counts;
    private readonly PlanTensor? _weight;
    private readonly int _axis;

    /// <param name="likelihood">Logarithms of probabilities, classes along axis 1, or 0 where there is one axis.</param>
    /// <param name="target">Its shape without the axis of classes.</param>
    /// <param name="weight">One number per class.</param>
    public ClassLoss(RuleContext c, PlanExpression likelihood, PlanTensor target, PlanTensor? weight, long ignored)
    {
        _c = c;
        _likelihood = likelihood;
        _axis = AxisOf(likelihood.Rank);
        if (!likelihood.DType.IsFloatingPoint())
        {
            throw c.Error(ErrorCodes.UnsupportedDType, $"self is {likelihood.DType.DisplayName()}, wanted floating point logarithms of probabilities");
        }

        if (target.DType is not (DType.Int64 or DType.UInt8) || likelihood.Rank == 0 || !likelihood.Shape.RemoveAt(_axis).AsSpan().SequenceEqual(target.Shape.AsSpan()))
        {
            throw c.Error(ErrorCodes.InvalidShape, $"the target is {target.DType.DisplayName()}{Shapes.Text(target.Shape.AsSpan())}, wanted int64 or uint8 in the shape of {Shapes.Text(likelihood.Shape.AsSpan())} without axis {_axis}");
        }

        _target = c[target].To(DType.Int64).Unsqueeze(_axis);
        var weights = new long[likelihood.Rank];
        weights[_axis] = 1;
        _isTarget = c[c.Indices(likelihood.Shape, [.. weights])].EqualTo(_target.Tensor);
        _counts = _target.NotEqualTo(RuleContext.Number(ignored));
        _weight = weight is null ? null : AlongClasses(c, weight, likelihood);
    }

    public static int AxisOf(int rank) => rank == 1 ? 0 : 1;

    /// <summary>A number per class, along the axis of classes.</summary>
    public static PlanTensor AlongClasses(RuleContext c, PlanTensor weight, PlanExpression likelihood)
    {
        var axis = AxisOf(likelihood.Rank);
        return weight.Shape is [var classes] && classes == likelihood.Shape[axis]
            ? c.Reshape(weight, [classes, .. Enumerable.Repeat(1L, likelihood.Rank - axis - 1)])
            : throw c.Error(ErrorCodes.InvalidShape, $"the weight has shape {Shapes.Text(weight.Shape.AsSpan())}, wanted one number per class of {Shapes.Text(likelihood.Shape.AsSpan())}");
    }

    /// <summary>Minus the target's entry times its weight, per sample; 0 where ignored.</summary>
    public PlanExpression OfTarget()
    {
        var picked = Picked(_likelihood);
        var isClass = _target.Call("aten::ge", RuleContext.Number(0)) & _target.Call("aten::lt", _c.OfShape(_likelihood.Shape[_axis]));
        var loss = isClass.Choose((-picked).Tensor, RuleContext.Literal(double.NaN)).To(_likelihood.DType);
        return Counted(_weight is null ? loss : loss * Weight());
    }

    /// <summary>Minus the sum over all classes, each times its weight, per sample; 0 where ignored.</summary>
    public PlanExpression OfAll() => Counted(-(_weight is null ? _likelihood : _likelihood * _c[_weight]).Sum([_axis]));

    /// <summary>The mean is over the weights of the targets that count.</summary>
    public PlanTensor Reduced(PlanExpression loss, long reduction)
    {
        var samples = loss.Dropping([_axis], keep: false);
        if (reduction == 0)
        {
            return samples;
        }

        System.Collections.Immutable.ImmutableArray<int> all = [.. Enumerable.Range(0, samples.Shape.Length)];
        var sum = _c[samples].Sum(all);
        if (reduction == 1)
        {
            var weights = _weight is null ? _counts.To(_likelihood.DType) : Counted(Weight());
            sum /= _c[weights.Dropping([_axis], keep: false)].Sum(all);
        }
        else if (reduction != 2)
        {
            throw _c.Error(ErrorCodes.OperationArgument, $"reduction is {reduction}, wanted 0 (none), 1 (mean) or 2 (sum)");
        }

        return sum.Dropping(all, keep: false);
    }

    private PlanExpression Weight() => Picked(_c[_c.Expand(_weight!, _likelihood.Shape)]).To(_likelihood.DType);

    private PlanExpression Picked(PlanExpression values) => _isTarget.Choose(values.Tensor, RuleContext.Literal(0)).Sum([_axis]);

    private PlanExpression Counted(PlanExpression value) => _counts.Choose(value.Tensor, RuleContext.Literal(0)).To(_likelihood.DType);
}
