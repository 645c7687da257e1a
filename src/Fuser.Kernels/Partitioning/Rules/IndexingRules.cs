using System.Collections.Immutable;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>Elements taken where the values of another tensor say.</summary>
internal static class IndexingRules
{
    public static readonly Dictionary<string, PlanRule> Rules = new()
    {
        ["aten::embedding"] = Embedding,
        ["aten::index_select"] = IndexSelect,
        ["aten::index"] = Index,
        ["aten::gather"] = c => Gather(c, c.Tensor(0), AxisOf(c, c.Tensor(0), 1), Indices(c, c.Tensor(2), allowsInt32: false)),
        ["aten::take_along_dim"] = TakeAlong,
        ["aten::unfold"] = Unfold,
        ["aten::one_hot"] = OneHot,
    };

    private static PlanTensor Embedding(RuleContext c) => c.Tensor(0).Shape.Length == 2
        ? Select(c, c.Tensor(0), 0, Indices(c, c.Tensor(1), allowsInt32: true), fromEnd: false)
        : throw c.Error(ErrorCodes.InvalidShape, $"weight is {Shapes.Text(c.Tensor(0).Shape.AsSpan())}, wanted two axes");

    private static PlanTensor IndexSelect(RuleContext c)
    {
        var (self, index) = (c.Tensor(0), Indices(c, c.Tensor(2), allowsInt32: true));
        if (index.Shape.Length > 1)
        {
            throw c.Error(ErrorCodes.InvalidShape, $"index is {Shapes.Text(index.Shape.AsSpan())}, wanted one axis");
        }

        var axis = ViewOperations.Axis(c.Integer(1), self.Shape.Length);
        return self.Shape.IsEmpty
            ? Contents(c, Select(c, c.Reshape(self, [1]), 0, c.Reshape(index, [Shapes.ElementCount(index.Shape.AsSpan())]), fromEnd: false), self.Shape)
            : Select(c, self, axis, c.Reshape(index, [Shapes.ElementCount(index.Shape.AsSpan())]), fromEnd: false);
    }

    private static PlanTensor Contents(RuleContext c, PlanTensor selected, ImmutableArray<long> shape) => selected.Shape[0] == 1
        ? c.Reshape(selected, shape)
        : throw c.Error(ErrorCodes.InvalidShape, $"index has {selected.Shape[0]} elements, wanted 1 for a 0-dim tensor");

    /// <summary>One tensor among the indices; Nones keep their axes.</summary>
    private static PlanTensor Index(RuleContext c)
    {
        var (self, items) = (c.Tensor(0), c.Arguments.List(1).Items);
        int[] given = [.. Enumerable.Range(0, items.Length).Where(i => items[i] is PlanTensor)];
        if (given is not [var axis] || ((PlanTensor)items[axis]).DType is DType.Bool or DType.UInt8)
        {
            throw c.Error(ErrorCodes.UnsupportedOperation, $"got {given.Length} index tensors{(given.Length == 1 ? ", a mask" : "")}, wanted one of int64; for a mask use aten::where");
        }

        return axis < self.Shape.Length
            ? Select(c, self, axis, Indices(c, (PlanTensor)items[axis], allowsInt32: true), fromEnd: true)
            : throw c.Error(ErrorCodes.InvalidShape, $"got {items.Length} indices for a tensor of {self.Shape.Length} axes");
    }

    private static PlanTensor TakeAlong(RuleContext c)
    {
        var (self, index) = (c.Tensor(0), Indices(c, c.Tensor(1), allowsInt32: false));
        if (c.IsNone(2))
        {
            return Gather(c, c.Reshape(self, [Shapes.ElementCount(self.Shape.AsSpan())]), 0, c.Reshape(index, [Shapes.ElementCount(index.Shape.AsSpan())]));
        }

        if (self.Shape.Length != index.Shape.Length)
        {
            throw c.Error(ErrorCodes.InvalidShape, $"got {self.Shape.Length} and {index.Shape.Length} axes, wanted as many in both");
        }

        var axis = AxisOf(c, self, 2);
        var shape = c.Broadcast(self.Shape.SetItem(axis, 1), index.Shape.SetItem(axis, 1));
        return Gather(c, c.Expand(self, shape.SetItem(axis, self.Shape[axis])), axis, c.Expand(index, shape.SetItem(axis, index.Shape[axis])));
    }

    private static PlanTensor Gather(RuleContext c, PlanTensor self, int axis, PlanTensor index)
    {
        // A 0-dim tensor counts as one of a single element.
        var (source, where) = (self.Shape.IsEmpty ? c.Reshape(self, [1]) : self, index.Shape.IsEmpty ? c.Reshape(index, [1]) : index);
        for (var i = 0; i < where.Shape.Length || i < source.Shape.Length; i++)
        {
            if (source.Shape.Length != where.Shape.Length || (i != axis && where.Shape[i] > source.Shape[i]))
            {
                throw c.Error(ErrorCodes.InvalidShape, $"index {Shapes.Text(index.Shape.AsSpan())} does not fit {Shapes.Text(self.Shape.AsSpan())}, wanted as many axes, none longer but axis {axis}");
            }
        }

        var map = new IndexMap([.. Enumerable.Range(0, source.Shape.Length).Select(i => AxisSource.Of(i == axis ? 0 : i + 1))]);
        var view = c.Look(source, new View([source.Shape[axis], .. where.Shape], map));
        var result = c.Run(new Lookup(c.Kind, FromEnd: false), [view, where], new RoutineResult(self.DType, where.Shape))[0];
        return c.Reshape(result, index.Shape);
    }

    /// <summary>The axis replaced by the axes of the index.</summary>
    public static PlanTensor Select(RuleContext c, PlanTensor self, int axis, PlanTensor index, bool fromEnd)
    {
        var added = index.Shape.Length;
        ImmutableArray<long> shape = [.. self.Shape[..axis], .. index.Shape, .. self.Shape[(axis + 1)..]];
        var source = new IndexMap([.. Enumerable.Range(0, self.Shape.Length).Select(i => AxisSource.Of(i == axis ? 0 : i < axis ? i + 1 : i + added))]);
        var where = new IndexMap([.. Enumerable.Range(axis, added).Select(AxisSource.Of)]);
        return c.Run(
            new Lookup(c.Kind, fromEnd),
            [c.Look(self, new View([self.Shape[axis], .. shape], source)), c.Look(index, new View(shape, where))],
            new RoutineResult(self.DType, shape))[0];
    }

    private static PlanTensor Unfold(RuleContext c)
    {
        var self = c.Tensor(0);
        var (axis, size, step) = (ViewOperations.AxisOf(self.Shape, c.Integer(1)), c.Integer(2), c.Integer(3));
        if (size < 0 || size > self.Shape[axis] || step <= 0)
        {
            throw c.Error(ErrorCodes.InvalidShape, $"windows of {size} elements every {step} do not fit axis {axis} of size {self.Shape[axis]}");
        }

        // Strides overlap here, which no map of indices says; so it is a lookup.
        var windows = Select(c, self, axis, c.Indices([((self.Shape[axis] - size) / step) + 1, size], [step, 1]), fromEnd: false);
        return Contractions.Permute(c, windows, [.. Enumerable.Range(0, windows.Shape.Length).Where(i => i != axis + 1), axis + 1]);
    }

    /// <summary>The classes are looked up among all there are, which refuses what is none, and compared.</summary>
    private static PlanTensor OneHot(RuleContext c)
    {
        var (self, count) = (Indices(c, c.Tensor(0), allowsInt32: false), c.Integer(1, -1));
        if (count < 1)
        {
            throw c.Error(ErrorCodes.UnsupportedOperation, $"num_classes is {count}, wanted at least 1: the shape must not depend on values");
        }

        var classes = c.Indices([count], [1]);
        return c[Contractions.Unsqueeze(c, Select(c, classes, 0, self, fromEnd: false), self.Shape.Length)].EqualTo(classes).To(DType.Int64);
    }

    private static int AxisOf(RuleContext c, PlanTensor self, int argument) => ViewOperations.Axis(c.Integer(argument), self.Shape.Length);

    private static PlanTensor Indices(RuleContext c, PlanTensor index, bool allowsInt32) => index.DType == DType.Int64 || (allowsInt32 && index.DType == DType.Int32)
        ? c.Convert(index, DType.Int64)
        : throw c.Error(ErrorCodes.UnsupportedDType, $"indices are {index.DType.DisplayName()}, wanted int64{(allowsInt32 ? " or int32" : "")}");
}
