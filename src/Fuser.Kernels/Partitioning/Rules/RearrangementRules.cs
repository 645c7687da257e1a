using System.Collections.Immutable;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>Elements put elsewhere, repeated, or replaced by a number; all of it index arithmetic and concatenation.</summary>
internal static class RearrangementRules
{
    public static readonly Dictionary<string, PlanRule> Rules = new()
    {
        ["aten::tril"] = c => Triangle(c, "aten::le"),
        ["aten::triu"] = c => Triangle(c, "aten::ge"),
        ["aten::roll"] = Roll,
        ["aten::repeat"] = c => Repeat(c, c.Tensor(0), c.Integers(1), mayExtend: false),
        ["aten::tile"] = c => Repeat(c, c.Tensor(0), c.Integers(1), mayExtend: true),
        ["aten::repeat_interleave"] = RepeatInterleave,
        ["aten::constant_pad_nd"] = c => PadLast(c, 2),
        ["aten::pad"] = Pad,
    };

    private static PlanTensor Triangle(RuleContext c, string comparison)
    {
        var self = c.Tensor(0);
        if (self.Shape.Length < 2)
        {
            throw c.Error(ErrorCodes.InvalidShape, $"got {self.Shape.Length} axes, wanted at least 2");
        }

        var distance = c[c.Indices([self.Shape[^2], self.Shape[^1]], [-1, 1])];
        return distance.Call(comparison, c.IsNone(1) ? RuleContext.Number(0) : c.NumberArgument(1)).Choose(self, c.Scalar(RuleContext.Number(0), self.DType));
    }

    private static PlanTensor Roll(RuleContext c)
    {
        var (self, shifts) = (c.Tensor(0), c.Integers(1));
        ImmutableArray<long> axes = c.IsNone(2) ? [] : c.Integers(2);
        if (axes.IsEmpty && shifts.Length == 1)
        {
            return c.Reshape(RollAxis(c, c.Reshape(self, [Shapes.ElementCount(self.Shape.AsSpan())]), shifts[0], 0), self.Shape);
        }

        if (axes.Length != shifts.Length)
        {
            throw c.Error(ErrorCodes.InvalidShape, $"got {shifts.Length} shifts and {axes.Length} axes, wanted as many of both");
        }

        foreach (var (shift, axis) in shifts.Zip(axes))
        {
            self = RollAxis(c, self, shift, ViewOperations.AxisOf(self.Shape, axis));
        }

        return self;
    }

    private static PlanTensor RollAxis(RuleContext c, PlanTensor tensor, long shift, int axis)
    {
        var size = tensor.Shape[axis];
        var first = size == 0 ? 0 : ((shift % size) + size) % size;
        return first == 0 ? tensor : c.Concatenate([c.Narrow(tensor, axis, size - first, first), c.Narrow(tensor, axis, 0, size - first)], axis);
    }

    private static PlanTensor Repeat(RuleContext c, PlanTensor self, ImmutableArray<long> repeats, bool mayExtend)
    {
        repeats = mayExtend && repeats.Length < self.Shape.Length ? [.. Enumerable.Repeat(1L, self.Shape.Length - repeats.Length), .. repeats] : repeats;
        var added = repeats.Length - self.Shape.Length;
        if (added < 0 || repeats.Any(count => count < 0))
        {
            throw c.Error(ErrorCodes.InvalidShape, $"repeats {Shapes.Text(repeats.AsSpan())} do not fit {Shapes.Text(self.Shape.AsSpan())}, wanted one for each axis, none negative");
        }

        ImmutableArray<long> sizes = [.. Enumerable.Repeat(1L, added), .. self.Shape];
        ImmutableArray<long> shape = [.. sizes.Select((size, axis) => Product(c, size, repeats[axis]))];
        Shapes.ElementCount(shape.AsSpan());
        if (sizes.Select((size, axis) => size == 1 || repeats[axis] == 1).All(holds => holds))
        {
            return c.Look(self, new View(shape, IndexMap.Broadcast(self.Shape, shape)));
        }

        // Only axes that are repeated become two, or tensors of many axes would have too many.
        var (view, axes) = (ImmutableArray.CreateBuilder<long>(), ImmutableArray.CreateBuilder<AxisSource>());
        for (var axis = 0; axis < sizes.Length; axis++)
        {
            if (repeats[axis] != 1)
            {
                view.Add(repeats[axis]);
            }

            if (axis >= added)
            {
                axes.Add(AxisSource.Of(view.Count));
                view.Add(sizes[axis]);
            }
        }

        return c.Reshape(c.Look(self, new View(view.ToImmutable(), new IndexMap(axes.ToImmutable()))), shape);
    }

    private static PlanTensor RepeatInterleave(RuleContext c)
    {
        var self = c.Tensor(0);
        if (c[1] is PlanTensor)
        {
            throw c.Error(ErrorCodes.UnsupportedOperation, "repeats is a tensor, wanted a number: the shape must not depend on values");
        }

        var repeats = c.Integer(1);
        if (repeats < 0)
        {
            throw c.Error(ErrorCodes.InvalidShape, $"repeats is {repeats}, wanted 0 or more");
        }

        return c.IsNone(2) || self.Shape.IsEmpty
            ? Interleave(c, c.Reshape(self, [Shapes.ElementCount(self.Shape.AsSpan())]), repeats, 0)
            : Interleave(c, self, repeats, ViewOperations.AxisOf(self.Shape, c.Integer(2)));
    }

    /// <summary>Each element along an axis several times.</summary>
    public static PlanTensor Interleave(RuleContext c, PlanTensor tensor, long repeats, int axis)
    {
        var wider = tensor.Shape.SetItem(axis, Product(c, tensor.Shape[axis], repeats));
        Shapes.ElementCount(wider.AsSpan());
        return c.Reshape(c.Look(tensor, new View(tensor.Shape.Insert(axis + 1, repeats), new IndexMap([.. Enumerable.Range(0, tensor.Shape.Length).Select(i => AxisSource.Of(i <= axis ? i : i + 1))]))), wider);
    }

    private static PlanTensor Pad(RuleContext c) => c.Text(2) is null or "constant"
        ? PadLast(c, 3)
        : throw c.Error(ErrorCodes.UnsupportedOperation, $"mode is \"{c.Text(2)}\", wanted \"constant\"");

    /// <summary>Widths come in pairs, before and behind, from the last axis on.</summary>
    private static PlanTensor PadLast(RuleContext c, int number)
    {
        var (self, widths) = (c.Tensor(0), c.Integers(1));
        var value = c.IsNone(number) ? RuleContext.Literal(0) : c.Held(number, "value", self.DType);
        var rank = self.Shape.Length;
        return widths.Length % 2 == 0 && widths.Length <= 2 * rank
            ? Padded(c, self, value, [.. Enumerable.Range(0, widths.Length / 2).Select(i => (rank - 1 - i, widths[2 * i], widths[(2 * i) + 1]))])
            : throw c.Error(ErrorCodes.InvalidShape, $"got {widths.Length} widths for a tensor of {rank} axes, wanted at most two for each, in pairs");
    }

    /// <summary>A number before and behind the elements of some axes; negative widths cut off.</summary>
    public static PlanTensor Padded(RuleContext c, PlanTensor tensor, PlanValue value, ImmutableArray<(int Axis, long Before, long Behind)> widths)
    {
        foreach (var (axis, before, behind) in widths)
        {
            var size = tensor.Shape[axis];
            if ((Int128)size + before + behind < 0 || before < -size || behind < -size)
            {
                throw c.Error(ErrorCodes.InvalidShape, $"widths {before} and {behind} leave nothing of axis {axis} of size {size}");
            }

            if (before > long.MaxValue / 4 || behind > long.MaxValue / 4)
            {
                throw c.Error(ErrorCodes.SizeLimit, $"widths {before} and {behind} give more elements than memory has; pad less");
            }

            var start = Math.Max(-before, 0);
            var inner = c.Narrow(tensor, axis, start, size - start - Math.Max(-behind, 0));
            var parts = ImmutableArray.CreateBuilder<PlanTensor>(3);
            if (before > 0)
            {
                parts.Add(c.Filled(value, tensor.DType, tensor.Shape.SetItem(axis, before)));
            }

            parts.Add(inner);
            if (behind > 0)
            {
                parts.Add(c.Filled(value, tensor.DType, tensor.Shape.SetItem(axis, behind)));
            }

            tensor = c.Concatenate(parts.ToImmutable(), axis);
        }

        return tensor;
    }

    private static long Product(RuleContext c, long size, long count) => (Int128)size * count is var product && product <= long.MaxValue
        ? (long)product
        : throw c.Error(ErrorCodes.SizeLimit, $"{size} elements {count} times are more than memory has; repeat less");
}
