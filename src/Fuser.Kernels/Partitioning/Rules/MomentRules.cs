using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>Variances, norms and distances.</summary>
internal static class MomentRules
{
    public static readonly Dictionary<string, PlanRule> Rules = new()
    {
        ["aten::var"] = c => Spread(c, false, false),
        ["aten::std"] = c => Spread(c, true, false),
        ["aten::var_mean"] = c => Spread(c, false, true),
        ["aten::std_mean"] = c => Spread(c, true, true),
        ["aten::norm"] = Norm,
        ["aten::linalg_vector_norm"] = VectorNorm,
        ["aten::frobenius_norm"] = c => NormOf(c, c.Tensor(0), 2, c.Axes(1, c.Tensor(0)), c.Boolean(2, false), null),
        ["aten::dist"] = Distance,
        ["aten::pairwise_distance"] = PairwiseDistance,
        ["aten::cosine_similarity"] = CosineSimilarity,
    };

    /// <summary>The biased variance, the mean and what lies between it and each element, in float64: deviations are squared, so that nothing cancels.</summary>
    public static (PlanExpression Variance, PlanExpression Mean, PlanExpression Deviation) Moments(PlanExpression x, ImmutableArray<int> axes)
    {
        var mean = x.WideMean(axes);
        var deviation = x.Wide() - mean;
        return (deviation.Square().WideMean(axes), mean, deviation);
    }

    /// <summary>(self, unbiased), (self, dim, unbiased, keepdim) or (self, dim, correction, keepdim).</summary>
    private static PlanValue Spread(RuleContext c, bool root, bool withMean)
    {
        var self = c.Operand(0);
        RequireFloat(c, self.DType);
        var hasAxes = c.Count > 2 || (c.Count == 2 && c[1] is PlanList);
        var axes = c.Axes(hasAxes ? 1 : c.Count, self);
        var keep = hasAxes && c.Boolean(3, false);
        var less = c.Structural(hasAxes ? 2 : 1, 1);
        var mean = self.WideMean(axes);
        var variance = (self.Wide() - mean).Square().Sum(axes) / self.CountOf(axes, less);
        var spread = (root ? variance.Sqrt() : variance).Rounded(self.DType).Dropping(axes, keep);
        return withMean ? new PlanList([spread, mean.Rounded(self.DType).Dropping(axes, keep)]) : spread;
    }

    /// <summary>(self, p), (self, p, dtype), (self, p, dim, keepdim) or (self, p, dim, keepdim, dtype).</summary>
    private static PlanTensor Norm(RuleContext c)
    {
        var self = c.Tensor(0);
        var hasAxes = c.Count > 3;
        return NormOf(c, self, c.Structural(1, 2), c.Axes(hasAxes ? 2 : c.Count, self), hasAxes && c.Boolean(3, false), c.DTypeAt(hasAxes ? 4 : 2));
    }

    /// <summary>(self, ord, dim, keepdim, dtype); unlike <see cref="Norm"/> it converts floats only.</summary>
    private static PlanTensor VectorNorm(RuleContext c)
    {
        var self = c.Tensor(0);
        RequireFloat(c, self.DType);
        return NormOf(c, self, c.Structural(1, 2), c.Axes(2, self), c.Boolean(3, false), c.DTypeAt(4));
    }

    private static void RequireFloat(RuleContext c, DType dtype)
    {
        if (!dtype.IsFloatingPoint())
        {
            throw c.Error(ErrorCodes.UnsupportedDType, $"got {dtype.DisplayName()}, wanted a floating point tensor");
        }
    }

    private static PlanTensor NormOf(RuleContext c, PlanTensor self, double p, ImmutableArray<int> axes, bool keep, DType? dtype)
    {
        var x = c[self].To(dtype ?? self.DType);
        RequireFloat(c, x.DType);
        if ((p < 0 || p == double.PositiveInfinity) && axes.Any(axis => self.Shape[axis] == 0))
        {
            throw c.Error(ErrorCodes.InvalidShape, $"the norm of order {p} has no answer over an axis without elements of {Shapes.Text(self.Shape.AsSpan())}");
        }

        var norm = p switch
        {
            2 => x.Wide().Square().Sum(axes).Sqrt().Rounded(x.DType),
            1 => x.Abs().Sum(axes),
            0 => x.NotEqualTo(RuleContext.Number(0)).To(x.DType).Sum(axes),
            double.PositiveInfinity => x.Abs().Maximum(axes),
            double.NegativeInfinity => x.Abs().Minimum(axes),
            _ => x.Wide().Abs().Call("aten::pow", RuleContext.Literal(p)).Sum(axes).Call("aten::pow", RuleContext.Literal(1 / p)).Rounded(x.DType),
        };
        return norm.Dropping(axes, keep);
    }

    private static PlanTensor Distance(RuleContext c)
    {
        var difference = c.Operand(0) - c.Operand(1);
        return NormOf(c, difference, c.Structural(2, 2), [.. Enumerable.Range(0, difference.Rank)], false, null);
    }

    /// <summary>The norm of the difference along the last axis, a little moved away from 0 as PyTorch does.</summary>
    private static PlanTensor PairwiseDistance(RuleContext c)
    {
        var difference = c.Operand(0) - c.Operand(1) + c.NumberAt(3, 1e-6);
        return NormOf(c, difference, c.Structural(2, 2), difference.Rank == 0 ? [] : [difference.Rank - 1], c.Boolean(4, false), null);
    }

    /// <summary>The sum of products over both lengths, which count as at least eps; float64 vectors over theirs first, whose products could overflow.</summary>
    private static PlanTensor CosineSimilarity(RuleContext c)
    {
        var (a, b) = (c.Operand(0), c.Operand(1));
        var rank = Math.Max(a.Rank, b.Rank);
        var axis = Operations.ViewOperations.Axis(c.Integer(2, 1), rank);
        var shape = GraphEvaluator.Broadcast([a.Shape, b.Shape], c.Arguments);
        var dtype = TypePromotion.Promote(a.DType, b.DType);
        RequireFloat(c, dtype);
        a = c[c.Expand(a.To(dtype), shape)].Wide();
        b = c[c.Expand(b.To(dtype), shape)].Wide();
        var (lengthOfA, lengthOfB) = (Length(a), Length(b));
        var similarity = dtype == DType.Float64
            ? ((a / lengthOfA) * (b / lengthOfB)).Sum([axis])
            : (a * b).Sum([axis]) / (lengthOfA * lengthOfB);
        return similarity.Rounded(dtype).Dropping([axis], keep: false);

        PlanExpression Length(PlanExpression x) => x.Square().Sum([axis]).Sqrt().Call("aten::clamp_min", c.NumberAt(3, 1e-8));
    }
}
