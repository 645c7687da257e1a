using System.Collections.Immutable;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>Reductions, in the forms PyTorch has them.</summary>
internal static class ReductionRules
{
    public static readonly Dictionary<string, PlanRule> Rules = new()
    {
        ["aten::sum"] = c => Summed(c, DTypeOfSum, static (x, axes) => x.Sum(axes)),
        ["aten::nansum"] = c => Summed(c, DTypeOfNanSum, (x, axes) => (x.DType.IsFloatingPoint() ? x.Call("aten::nan_to_num", RuleContext.Literal(0), RuleContext.Literal(double.PositiveInfinity), RuleContext.Literal(double.NegativeInfinity)) : x).Sum(axes)),
        ["aten::mean"] = c => Summed(c, DTypeOfMean, static (x, axes) => x.Mean(axes)),
        ["aten::prod"] = c => Summed(c, DTypeOfSum, static (x, axes) => x.Product(axes)),
        ["aten::amax"] = c => Extreme(c, c.Axes(1, c.Tensor(0)), c.Boolean(2, false), ReductionKind.Maximum),
        ["aten::amin"] = c => Extreme(c, c.Axes(1, c.Tensor(0)), c.Boolean(2, false), ReductionKind.Minimum),
        ["aten::aminmax"] = c => new PlanList([Extreme(c, OneAxis(c, 1), c.Boolean(2, false), ReductionKind.Minimum), Extreme(c, OneAxis(c, 1), c.Boolean(2, false), ReductionKind.Maximum)]),
        ["aten::max"] = c => ExtremeAndWhere(c, ReductionKind.Maximum),
        ["aten::min"] = c => ExtremeAndWhere(c, ReductionKind.Minimum),
        ["aten::argmax"] = c => ArgExtreme(c, ReductionKind.Maximum),
        ["aten::argmin"] = c => ArgExtreme(c, ReductionKind.Minimum),
        ["aten::all"] = c => Truth(c, ReductionKind.Minimum),
        ["aten::any"] = c => Truth(c, ReductionKind.Maximum),
        ["aten::count_nonzero"] = c => c.Operand(0).NotEqualTo(RuleContext.Number(0)).To(DType.Int64).Sum(c.Axes(1, c.Tensor(0))).Dropping(c.Axes(1, c.Tensor(0)), keep: false),
        ["aten::sum_to_size"] = SumToSize,
        ["aten::_grad_sum_to_size"] = c => c.IsNone(1) ? c.Tensor(0) : SumToSize(c),
        ["aten::logsumexp"] = LogSumExp,
    };

    /// <summary>(self, dtype) or (self, dim, keepdim, dtype); converted first, as eager does.</summary>
    private static PlanTensor Summed(RuleContext c, Func<RuleContext, DType, DType?, DType> dtypeOf, Func<PlanExpression, ImmutableArray<int>, PlanExpression> combine)
    {
        var self = c.Tensor(0);
        var hasAxes = c.Count > 2 || (c.Count == 2 && c[1] is PlanList);
        var axes = c.Axes(hasAxes ? 1 : c.Count, self);
        var dtype = dtypeOf(c, self.DType, c.DTypeAt(hasAxes ? 3 : 1));

        // Narrow integers are combined in int64 and cut at the end: wrapping once is wrapping at every step. So are truth values, which eager combines by or and and.
        return combine(c[self].To(dtype), axes).To(dtype).Dropping(axes, hasAxes && c.Boolean(2, false));
    }

    private static DType DTypeOfSum(RuleContext c, DType self, DType? wanted) => wanted ?? (self.IsFloatingPoint() ? self : DType.Int64);

    private static DType DTypeOfNanSum(RuleContext c, DType self, DType? wanted) => DTypeOfSum(c, self, wanted) is var dtype && (dtype.IsFloatingPoint() || !self.IsFloatingPoint())
        ? dtype
        : throw c.Error(ErrorCodes.UnsupportedDType, $"cannot leave out NaN in {dtype.DisplayName()}, wanted a floating point dtype");

    private static DType DTypeOfMean(RuleContext c, DType self, DType? wanted) => (wanted ?? self) is var dtype && dtype.IsFloatingPoint()
        ? dtype
        : throw c.Error(ErrorCodes.UnsupportedDType, $"got {dtype.DisplayName()}, wanted a floating point type: convert self, or name a dtype");

    /// <summary>One axis, or all where it is None.</summary>
    private static ImmutableArray<int> OneAxis(RuleContext c, int index) => c.IsNone(index)
        ? [.. Enumerable.Range(0, c.Tensor(0).Shape.Length)]
        : c.Tensor(0).Shape.IsEmpty && ViewOperations.Axis(c.Integer(index), 0) == 0 ? [] : [ViewOperations.Axis(c.Integer(index), c.Tensor(0).Shape.Length)];

    private static PlanTensor Extreme(RuleContext c, ImmutableArray<int> axes, bool keep, ReductionKind kind) => ExtremeOf(c, c.Tensor(0), axes, kind).Dropping(axes, keep);

    private static PlanExpression ExtremeOf(RuleContext c, PlanTensor self, ImmutableArray<int> axes, ReductionKind kind)
    {
        RequireElements(c, self, axes);
        var x = self.DType == DType.Bool ? c[self].To(DType.UInt8) : c[self];
        return (kind == ReductionKind.Maximum ? x.Maximum(axes) : x.Minimum(axes)).To(self.DType);
    }

    private static void RequireElements(RuleContext c, PlanTensor self, ImmutableArray<int> axes)
    {
        if (axes.Any(axis => self.Shape[axis] == 0))
        {
            throw c.Error(ErrorCodes.InvalidShape, $"reduces an axis without elements of {Shapes.Text(self.Shape.AsSpan())}, which has no answer");
        }
    }

    /// <summary>(self) gives the value, (self, dim, keepdim) the values and where each was first.</summary>
    private static PlanValue ExtremeAndWhere(RuleContext c, ReductionKind kind)
    {
        if (c.Count < 2)
        {
            return Extreme(c, OneAxis(c, 1), keep: false, kind);
        }

        var axes = OneAxis(c, 1);
        return new PlanList([Extreme(c, axes, c.Boolean(2, false), kind), Where(c, axes, c.Boolean(2, false), kind)]);
    }

    private static PlanTensor ArgExtreme(RuleContext c, ReductionKind kind) => c.Tensor(0).DType == DType.Bool
        ? throw c.Error(ErrorCodes.UnsupportedDType, "got bool, wanted a tensor of numbers; convert self")
        : Where(c, OneAxis(c, 1), c.Boolean(2, false), kind);

    /// <summary>The least index at which the extreme value stands; NaN counts as the extreme.</summary>
    private static PlanTensor Where(RuleContext c, ImmutableArray<int> axes, bool keep, ReductionKind kind)
    {
        var self = c.Tensor(0);
        var x = c[self];
        var found = x.EqualTo(ExtremeOf(c, self, axes, kind).Tensor);
        if (self.DType.IsFloatingPoint())
        {
            found |= x.NotEqualTo(self);
        }

        var weights = new long[self.Shape.Length];
        long weight = 1;
        foreach (var axis in axes.Reverse())
        {
            weights[axis] = weight;
            weight *= self.Shape[axis];
        }

        return found.Choose(c.Indices(self.Shape, [.. weights]), x.CountOf(axes)).Minimum(axes).Dropping(axes, keep);
    }

    /// <summary>(self) or (self, dim, keepdim); of uint8 tensors the answer is uint8.</summary>
    private static PlanTensor Truth(RuleContext c, ReductionKind kind)
    {
        var self = c.Tensor(0);

        // Unlike elsewhere, an empty list of axes names none.
        var axes = c.Count > 1 && c[1] is PlanList { Items.IsEmpty: true } ? [] : c.Axes(1, self);
        var truths = c[self].To(DType.Bool).To(DType.UInt8);

        // Nothing is all true and not any.
        if (axes.Any(axis => self.Shape[axis] == 0))
        {
            truths = kind == ReductionKind.Minimum ? truths.Product(axes) : truths.Sum(axes);
        }
        else
        {
            truths = kind == ReductionKind.Minimum ? truths.Minimum(axes) : truths.Maximum(axes);
        }

        return truths.To(self.DType == DType.UInt8 ? DType.UInt8 : DType.Bool).Dropping(axes, c.Boolean(2, false));
    }

    /// <summary>Sums what broadcasting to the present shape would have repeated.</summary>
    private static PlanTensor SumToSize(RuleContext c)
    {
        var self = c.Tensor(0);
        var size = c.Integers(1);
        var leading = self.Shape.Length - size.Length;
        if (leading < 0 || size.Where((wanted, i) => wanted != 1 && wanted != self.Shape[leading + i]).Any())
        {
            throw c.Error(ErrorCodes.BroadcastMismatch, $"{Shapes.Text(size.AsSpan())} does not broadcast to {Shapes.Text(self.Shape.AsSpan())}");
        }

        ImmutableArray<int> axes = [.. Enumerable.Range(0, self.Shape.Length).Where(axis => axis < leading || (size[axis - leading] == 1 && self.Shape[axis] != 1))];
        return axes.IsEmpty ? self : c[self].To(DTypeOfSum(c, self.DType, null)).Sum(axes).Dropping([.. Enumerable.Range(0, leading)], keep: false);
    }

    private static PlanTensor LogSumExp(RuleContext c)
    {
        var self = c.Operand(0);
        var axes = c.Axes(1, self);
        var x = self.DType.IsFloatingPoint() ? self : self.To(DType.Float32);
        var most = x.Maximum(axes);

        // An infinite maximum would give inf - inf.
        var shift = most.Call("aten::isinf").Choose(RuleContext.Literal(0), most.Tensor).To(x.DType);
        return ((x - shift).Exp().Sum(axes).Log() + shift).Dropping(axes, c.Boolean(2, false));
    }
}
