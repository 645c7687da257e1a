using Fuser.Kernels.Tensors;
using static Fuser.Kernels.Partitioning.Rules.Contractions;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>Matrix products by their names in PyTorch; <see cref="EinsumRules"/> has those that name axes.</summary>
internal static class MatrixRules
{
    public static readonly Dictionary<string, PlanRule> Rules = new()
    {
        ["aten::mm"] = c => Multiply(c, Ranked(c, 0, 2), Ranked(c, 1, 2)),
        ["aten::bmm"] = Batched,
        ["aten::mv"] = c => Multiply(c, Ranked(c, 0, 2), Ranked(c, 1, 1)),
        ["aten::dot"] = c => Multiply(c, Ranked(c, 0, 1), Ranked(c, 1, 1)),
        ["aten::vdot"] = c => Multiply(c, Ranked(c, 0, 1), Ranked(c, 1, 1)),
        ["aten::matmul"] = c => Multiply(c, c.Tensor(0), c.Tensor(1)),
        ["aten::linear"] = Linear,
        ["aten::outer"] = Outer,
        ["aten::ger"] = Outer,
        ["aten::addmm"] = c => Scaled(c, Multiply(c, Ranked(c, 1, 2), Ranked(c, 2, 2))),
        ["aten::addmv"] = c => Scaled(c, Multiply(c, Ranked(c, 1, 2), Ranked(c, 2, 1))),

        // As in eager PyTorch, whose loops over small batches do multiply by an alpha of 0.
        ["aten::baddbmm"] = c => Scaled(c, Multiply(c, Ranked(c, 1, 3), Ranked(c, 2, 3)), zeroRemoves: false),
        ["aten::addbmm"] = AddBatches,
    };

    /// <summary>As torch.matmul: a vector is a row on the left and a column on the right, batches broadcast.</summary>
    public static PlanTensor Multiply(RuleContext c, PlanTensor left, PlanTensor right)
    {
        if (left.Shape.IsEmpty || right.Shape.IsEmpty)
        {
            throw c.Error(ErrorCodes.InvalidShape, $"got {Shapes.Text(left.Shape.AsSpan())} and {Shapes.Text(right.Shape.AsSpan())}, wanted at least one axis each");
        }

        var columns = right.Shape.Length > 1;
        if (left.Shape[^1] != (columns ? right.Shape[^2] : right.Shape[^1]))
        {
            throw c.Error(ErrorCodes.InvalidShape, $"cannot multiply {Shapes.Text(left.Shape.AsSpan())} with {Shapes.Text(right.Shape.AsSpan())}: {left.Shape[^1]} terms meet {(columns ? right.Shape[^2] : right.Shape[^1])}");
        }

        // A matrix on the right serves all rows of all batches on the left; otherwise each side gets the batches of both.
        if (right.Shape.Length <= 2)
        {
            return Contract(c, left, right, batch: 0, summed: 1);
        }

        var rows = left.Shape.Length > 1 ? 1 : 0;
        var batch = c.Broadcast(left.Shape[..^(rows + 1)], right.Shape[..^2]);
        return Contract(c, c.Expand(left, [.. batch, .. left.Shape[^(rows + 1)..]]), c.Expand(right, [.. batch, .. right.Shape[^2..]]), batch.Length, summed: 1);
    }

    private static PlanTensor Batched(RuleContext c)
    {
        var (left, right) = (Ranked(c, 0, 3), Ranked(c, 1, 3));
        return left.Shape[0] == right.Shape[0]
            ? Multiply(c, left, right)
            : throw c.Error(ErrorCodes.InvalidShape, $"got {left.Shape[0]} and {right.Shape[0]} matrices, wanted as many on both sides; aten::matmul broadcasts");
    }

    private static PlanTensor Linear(RuleContext c)
    {
        var weight = c.Tensor(1);
        if (weight.Shape.Length is not (1 or 2))
        {
            throw c.Error(ErrorCodes.InvalidShape, $"weight is {Shapes.Text(weight.Shape.AsSpan())}, wanted one or two axes");
        }

        var product = Multiply(c, c.Tensor(0), weight.Shape.Length == 2 ? Transpose(c, weight) : weight);
        return c.OptionalTensor(2) is { } bias ? c.Call("aten::add", product, SameType(c, bias, product)) : product;
    }

    private static PlanTensor Outer(RuleContext c)
    {
        var (left, right) = (Ranked(c, 0, 1), Ranked(c, 1, 1));
        return c.Call("aten::mul", Unsqueeze(c, left, 1), right);
    }

    /// <summary>beta * self + alpha * the sum of all products.</summary>
    private static PlanTensor AddBatches(RuleContext c)
    {
        var (left, right) = (Ranked(c, 1, 3), Ranked(c, 2, 3));
        if (left.Shape[0] != right.Shape[0] || left.Shape[2] != right.Shape[1])
        {
            throw c.Error(ErrorCodes.InvalidShape, $"cannot multiply {Shapes.Text(left.Shape.AsSpan())} with {Shapes.Text(right.Shape.AsSpan())}");
        }

        return Scaled(c, Contract(c, Permute(c, left, [1, 0, 2]), right, batch: 0, summed: 2));
    }

    /// <summary>beta * self + alpha * product; with beta 0, self has no influence, not even a NaN.</summary>
    /// <param name="zeroRemoves">Whether with alpha 0 the product has none either.</param>
    private static PlanTensor Scaled(RuleContext c, PlanTensor product, bool zeroRemoves = true)
    {
        var self = SameType(c, c.Tensor(0), product);
        if (Shapes.TryBroadcast(self.Shape, product.Shape) is not { } shape || !shape.AsSpan().SequenceEqual(product.Shape.AsSpan()))
        {
            throw c.Error(ErrorCodes.BroadcastMismatch, $"self of shape {Shapes.Text(self.Shape.AsSpan())} cannot be expanded to {Shapes.Text(product.Shape.AsSpan())}");
        }

        var (withoutSelf, withoutProduct) = (IsNumber(c, 3, 0), zeroRemoves && IsNumber(c, 4, 0));
        return (withoutSelf, withoutProduct) switch
        {
            (true, true) => c.Filled(RuleContext.Number(0), product.DType, shape),
            (true, false) => Times(c, product, 4),
            (false, true) => c.Expand(Times(c, self, 3), shape),
            _ => c.Call("aten::add", Times(c, self, 3), Times(c, product, 4)),
        };
    }

    private static PlanTensor Times(RuleContext c, PlanTensor tensor, int factor)
    {
        if (c.IsNone(factor) || IsNumber(c, factor, 1))
        {
            return tensor;
        }

        var number = c.NumberArgument(factor);
        return number.Category == DType.Float64 && !tensor.DType.IsFloatingPoint()
            ? throw c.Error(ErrorCodes.OperationArgument, $"argument {factor} is the number {number.Value}, wanted an integer for {tensor.DType.DisplayName()} tensors")
            : c.Call("aten::mul", tensor, number);
    }

    private static bool IsNumber(RuleContext c, int index, double wanted) => !c.IsNone(index) && c.Structural(index, wanted) == wanted;

    private static PlanTensor SameType(RuleContext c, PlanTensor tensor, PlanTensor product)
    {
        CommonType(c, tensor, product);
        return tensor;
    }

    private static PlanTensor Ranked(RuleContext c, int index, int rank)
    {
        var tensor = c.Tensor(index);
        return tensor.Shape.Length == rank
            ? tensor
            : throw c.Error(ErrorCodes.InvalidShape, $"argument {index} is {Shapes.Text(tensor.Shape.AsSpan())}, wanted {rank} {(rank == 1 ? "axis" : "axes")}");
    }
}
