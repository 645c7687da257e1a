using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>Losses: an expression per element, then its mean (reduction 1) or sum (2) over everything.</summary>
internal static class LossRules
{
    public static readonly Dictionary<string, PlanRule> Rules = new()
    {
        ["aten::mse_loss"] = c => Reduced(c, (c.Operand(0) - c.Operand(1)).Square(), 2),
        ["aten::l1_loss"] = c => Reduced(c, (c.Operand(0) - c.Operand(1)).Abs(), 2),
        ["aten::smooth_l1_loss"] = c => Reduced(c, SmoothL1(c), 2),
        ["aten::huber_loss"] = c => Reduced(c, Huber(c), 2),
        ["aten::kl_div"] = c => Reduced(c, Divergence(c), 2),
        ["aten::binary_cross_entropy"] = BinaryCrossEntropy,
        ["aten::binary_cross_entropy_with_logits"] = BinaryCrossEntropyWithLogits,
        ["aten::nll_loss"] = NegativeLogLikelihood,
        ["aten::nll_loss_nd"] = NegativeLogLikelihood,
        ["aten::nll_loss2d"] = NegativeLogLikelihood,
        ["aten::cross_entropy_loss"] = CrossEntropy,
    };

    private static PlanTensor Reduced(RuleContext c, PlanExpression loss, int reduction)
    {
        ImmutableArray<int> all = [.. Enumerable.Range(0, loss.Rank)];
        return c.Integer(reduction, 1) switch
        {
            0 => loss,
            1 => loss.Mean(all).Dropping(all, keep: false),
            2 => loss.Sum(all).Dropping(all, keep: false),
            var other => throw c.Error(ErrorCodes.OperationArgument, $"reduction is {other}, wanted 0 (none), 1 (mean) or 2 (sum)"),
        };
    }

    /// <summary>Half the square over beta below beta, linear above.</summary>
    private static PlanExpression SmoothL1(RuleContext c)
    {
        var beta = c.NumberAt(3, 1);
        if (c.Structural(3, 1) < 0)
        {
            throw c.Error(ErrorCodes.OperationArgument, $"beta is {c.Structural(3, 1)}, wanted 0 or more");
        }

        var distance = (c.Operand(0) - c.Operand(1)).Abs();
        return distance.Call("aten::lt", beta).Choose((distance.Square() * RuleContext.Literal(0.5) / beta).Tensor, (distance - Half(c, beta)).Tensor);
    }

    private static PlanExpression Huber(RuleContext c)
    {
        var delta = c.NumberAt(3, 1);
        if (!(c.Structural(3, 1) > 0))
        {
            throw c.Error(ErrorCodes.OperationArgument, $"delta is {c.Structural(3, 1)}, wanted more than 0");
        }

        var distance = (c.Operand(0) - c.Operand(1)).Abs();
        return distance.Call("aten::le", delta).Choose((distance.Square() * RuleContext.Literal(0.5)).Tensor, ((distance - Half(c, delta)) * delta).Tensor);
    }

    private static PlanNumber Half(RuleContext c, PlanNumber number) => c.Calculate("aten::mul", number, RuleContext.Literal(0.5));

    /// <summary>target * (log target - input); where the target is 0 it counts nothing.</summary>
    private static PlanExpression Divergence(RuleContext c)
    {
        var (input, target) = (c.Operand(0), c.Operand(1));
        return c.Boolean(3, false)
            ? target.Exp() * (target - input)
            : target.Call("aten::xlogy", target.Tensor) - (target * input);
    }

    /// <summary>Logarithms are cut at -100, so that a probability of 0 is dear and not infinitely so.</summary>
    private static PlanTensor BinaryCrossEntropy(RuleContext c)
    {
        var (input, target) = (c.Operand(0), c.Operand(1));
        var least = RuleContext.Literal(-100);
        var yes = input.Log().Call("aten::clamp_min", least);
        var no = (-input).Call("aten::log1p").Call("aten::clamp_min", least);
        var loss = ((target - RuleContext.Number(1)) * no) - (target * yes);
        return Reduced(c, c.OptionalTensor(2) is { } weight ? loss * c[weight] : loss, 3);
    }

    /// <summary>(input, target, weight, pos_weight, reduction), from the logits, so that nothing overflows.</summary>
    private static PlanTensor BinaryCrossEntropyWithLogits(RuleContext c)
    {
        var (input, target) = (c.Operand(0), c.Operand(1));
        var negative = (-input).Call("aten::clamp_min", RuleContext.Number(0));
        var tail = (-input.Abs()).Exp().Call("aten::log1p") + negative;
        var loss = (target.Complement() * input) + (c.OptionalTensor(3) is { } positive
            ? ((((c[positive] - RuleContext.Number(1)) * target) + RuleContext.Number(1)) * tail)
            : tail);
        return Reduced(c, c.OptionalTensor(2) is { } weight ? loss * c[weight] : loss, 4);
    }

    /// <summary>(self, target, weight, reduction, ignore_index) of logarithms of probabilities, classes along axis 1 (or 0 of a single sample).</summary>
    private static PlanTensor NegativeLogLikelihood(RuleContext c)
    {
        var likelihood = new ClassLoss(c, c.Operand(0), c.Tensor(1), c.OptionalTensor(2), c.Integer(4, -100));
        return likelihood.Reduced(likelihood.OfTarget(), c.Integer(3, 1));
    }

    /// <summary>(self, target, weight, reduction, ignore_index, label_smoothing): targets are classes, or probabilities of all classes.</summary>
    private static PlanTensor CrossEntropy(RuleContext c)
    {
        var self = c.Operand(0);
        if (!self.DType.IsFloatingPoint() || self.Rank == 0)
        {
            throw c.Error(ErrorCodes.UnsupportedDType, $"self is {self.DType.DisplayName()}{Shapes.Text(self.Shape.AsSpan())}, wanted floating point logits with an axis of classes");
        }

        var logits = NormalisationRules.LogSoftmax(self, [ClassLoss.AxisOf(self.Rank)]);
        var smoothing = c.Structural(5, 0);
        var target = c.Tensor(1);
        if (target.DType.IsFloatingPoint())
        {
            return OfProbabilities(c, logits, smoothing);
        }

        var loss = new ClassLoss(c, logits, target, c.OptionalTensor(2), c.Integer(4, -100));
        return smoothing == 0
            ? loss.Reduced(loss.OfTarget(), c.Integer(3, 1))
            : loss.Reduced((loss.OfTarget() * RuleContext.Literal(1 - smoothing)) + (loss.OfAll() * c.OfShape(smoothing / self.Shape[ClassLoss.AxisOf(self.Rank)])), c.Integer(3, 1));
    }

    /// <summary>The mean is over samples, not over classes.</summary>
    private static PlanTensor OfProbabilities(RuleContext c, PlanExpression logits, double smoothing)
    {
        var axis = ClassLoss.AxisOf(logits.Rank);
        var target = c.Operand(1);
        if (!target.Shape.AsSpan().SequenceEqual(logits.Shape.AsSpan()))
        {
            throw c.Error(ErrorCodes.InvalidShape, $"the target holds probabilities in the shape {Shapes.Text(target.Shape.AsSpan())}, wanted that of self, {Shapes.Text(logits.Shape.AsSpan())}");
        }

        if (smoothing != 0)
        {
            target = (target * RuleContext.Literal(1 - smoothing)) + c.OfShape(smoothing / logits.Shape[axis]);
        }

        var weighted = logits * target;
        if (c.OptionalTensor(2) is { } weight)
        {
            weighted *= c[ClassLoss.AlongClasses(c, weight, logits)];
        }

        var loss = c[(-weighted.Sum([axis])).Dropping([axis], keep: false)];
        return Reduced(c, loss, 3);
    }
}
