using System.Collections.Immutable;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>Products of tensors whose axes are already in the order that <see cref="Contraction"/> wants.</summary>
internal static class Contractions
{
    /// <summary>
    /// The sum of products over the last <paramref name="summed"/> axes of the left and the same axes of the right, after the batch axes. Narrow integers are
    /// multiplied as int32 and wrapped at the end, which gives the same as wrapping all along.
    /// </summary>
    /// <exception cref="GraphException">The dtypes differ or are bool.</exception>
    public static PlanTensor Contract(RuleContext c, PlanTensor left, PlanTensor right, int batch, int summed)
    {
        var dtype = CommonType(c, left, right);
        var wide = dtype is DType.UInt8 or DType.Int8 or DType.Int16 ? DType.Int32 : dtype;
        var (rows, columns) = (left.Shape.Length - batch - summed, right.Shape.Length - batch - summed);
        ImmutableArray<long> shape = [.. left.Shape[..(batch + rows)], .. right.Shape[(batch + summed)..]];
        if (shape.Length > TensorLayout.MaxRank)
        {
            throw TensorLayout.TooManyAxes(shape.Length);
        }

        Shapes.ElementCount(shape.AsSpan());
        var routine = new Contraction(c.Kind, batch, rows, columns, summed);
        return c.Convert(c.Run(routine, [c.Convert(left, wide), c.Convert(right, wide)], new RoutineResult(wide, shape))[0], dtype);
    }

    public static DType CommonType(RuleContext c, PlanTensor left, PlanTensor right) =>
        left.DType != right.DType ? throw c.Error(ErrorCodes.UnsupportedDType, $"got {left.DType.DisplayName()} and {right.DType.DisplayName()}, wanted both of one dtype; convert one with aten::to")
        : left.DType == DType.Bool ? throw c.Error(ErrorCodes.UnsupportedDType, "got bool, wanted a dtype of numbers; convert with aten::to")
        : left.DType;

    /// <summary>The tensor with its axes in another order.</summary>
    public static PlanTensor Permute(RuleContext c, PlanTensor tensor, ImmutableArray<int> order)
    {
        if (order.AsSpan().SequenceEqual(Enumerable.Range(0, order.Length).ToArray()))
        {
            return tensor;
        }

        var axes = new AxisSource[order.Length];
        for (var axis = 0; axis < order.Length; axis++)
        {
            axes[order[axis]] = AxisSource.Of(axis);
        }

        return c.Look(tensor, new View([.. order.Select(axis => tensor.Shape[axis])], new IndexMap(ImmutableArray.Create(axes))));
    }

    /// <summary>The tensor with the last two axes exchanged.</summary>
    public static PlanTensor Transpose(RuleContext c, PlanTensor tensor)
    {
        var rank = tensor.Shape.Length;
        return Permute(c, tensor, [.. Enumerable.Range(0, rank - 2), rank - 1, rank - 2]);
    }

    public static PlanTensor Unsqueeze(RuleContext c, PlanTensor tensor, int at) =>
        c.Look(tensor, new View(tensor.Shape.Insert(at, 1), new IndexMap([.. Enumerable.Range(0, tensor.Shape.Length).Select(axis => AxisSource.Of(axis < at ? axis : axis + 1))])));
}
