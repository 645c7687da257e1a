using System.Collections.Immutable;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;
using static Fuser.Kernels.Partitioning.Rules.Contractions;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>Products of tensors that say axis by axis what is summed.</summary>
internal static class EinsumRules
{
    public static readonly Dictionary<string, PlanRule> Rules = new()
    {
        ["aten::einsum"] = c => Einsum(c, c.Text(0) ?? throw c.Error(ErrorCodes.OperationArgument, "argument 0 is no string, wanted an equation such as \"ij,jk->ik\""), c.Tensors(1)),
        ["aten::tensordot"] = TensorDot,
        ["aten::bilinear"] = Bilinear,
    };

    private const int MostOperands = 52;

    /// <summary>A tensor whose axes have names; each name once.</summary>
    private readonly record struct Named(PlanTensor Tensor, ImmutableArray<int> Labels)
    {
        public long SizeOf(int label) => Labels.IndexOf(label) is >= 0 and var axis ? Tensor.Shape[axis] : 1;
    }

    /// <summary>Two operands at a time, from the left, as PyTorch does without a path.</summary>
    private static PlanTensor Einsum(RuleContext c, string text, ImmutableArray<PlanTensor> tensors)
    {
        if (tensors.IsEmpty || tensors.Length > MostOperands)
        {
            throw c.Error(ErrorCodes.OperationArity, $"got {tensors.Length} operands, wanted 1 to {MostOperands}");
        }

        var equation = EinsumEquation.Parse(c, text, tensors);
        ImmutableArray<Named> operands = [.. tensors.Select((tensor, i) => Diagonal(c, tensor, equation.Operands[i]))];
        foreach (var label in operands.SelectMany(operand => operand.Labels).Distinct())
        {
            ImmutableArray<long> sizes = [.. operands.Select(operand => operand.SizeOf(label)).Where(size => size != 1).Distinct()];
            if (sizes.Length > 1)
            {
                throw c.Error(ErrorCodes.BroadcastMismatch, $"one axis of \"{text}\" has the sizes {string.Join(" and ", sizes)}");
            }
        }

        var product = operands[0];
        for (var i = 1; i < operands.Length; i++)
        {
            var later = operands[(i + 1)..].SelectMany(operand => operand.Labels);
            product = Pair(c, product, operands[i], [.. equation.Result, .. later]);
        }

        if (product.Labels.Except(equation.Result).Any())
        {
            product = Sum(c, product, [.. equation.Result]);
        }

        return Permute(c, product.Tensor, [.. equation.Result.Select(label => product.Labels.IndexOf(label))]);
    }

    /// <summary>A label that an operand has several times names its diagonal.</summary>
    private static Named Diagonal(RuleContext c, PlanTensor tensor, ImmutableArray<int> labels)
    {
        ImmutableArray<int> distinct = [.. labels.Distinct()];
        if (distinct.Length == labels.Length)
        {
            return new Named(tensor, labels);
        }

        foreach (var (label, axis) in labels.Select((label, axis) => (label, axis)))
        {
            if (tensor.Shape[axis] != tensor.Shape[labels.IndexOf(label)])
            {
                throw c.Error(ErrorCodes.InvalidShape, $"a repeated letter names axes of sizes {tensor.Shape[labels.IndexOf(label)]} and {tensor.Shape[axis]}, wanted the same size");
            }
        }

        return new Named(
            c.Look(tensor, new View([.. distinct.Select(label => tensor.Shape[labels.IndexOf(label)])], new IndexMap([.. labels.Select(label => AxisSource.Of(distinct.IndexOf(label)))]))),
            distinct);
    }

    /// <summary>Two operands made one; labels that nobody wants any more are summed.</summary>
    private static Named Pair(RuleContext c, Named left, Named right, ImmutableHashSet<int> wanted)
    {
        ImmutableArray<int> all = [.. left.Labels.Union(right.Labels)];
        ImmutableArray<int> summed = [.. all.Where(label => !wanted.Contains(label))];
        ImmutableArray<int> batch = [.. all.Where(label => wanted.Contains(label) && left.Labels.Contains(label) && right.Labels.Contains(label))];
        ImmutableArray<int> rows = [.. left.Labels.Except(batch).Except(summed)];
        ImmutableArray<int> columns = [.. right.Labels.Except(batch).Except(summed)];
        if (summed.IsEmpty)
        {
            CommonType(c, left.Tensor, right.Tensor);
            return new Named(c.Call("aten::mul", Arranged(c, left, right, all), Arranged(c, right, left, all)), all);
        }

        var product = Contract(c, Arranged(c, left, right, [.. batch, .. rows, .. summed]), Arranged(c, right, left, [.. batch, .. summed, .. columns]), batch.Length, summed.Length);
        return new Named(product, [.. batch, .. rows, .. columns]);
    }

    /// <summary>The operand with the given axes; one that it lacks, or has with size 1, is repeated to the size it has in the other.</summary>
    private static PlanTensor Arranged(RuleContext c, Named operand, Named other, ImmutableArray<int> labels)
    {
        ImmutableArray<long> shape = [.. labels.Select(label => operand.SizeOf(label) == 1 ? other.SizeOf(label) : operand.SizeOf(label))];
        ImmutableArray<AxisSource> axes = [.. operand.Labels.Select((label, axis) => operand.Tensor.Shape[axis] == 1 ? AxisSource.Fixed(0) : AxisSource.Of(labels.IndexOf(label)))];
        return c.Look(operand.Tensor, new View(shape, new IndexMap(axes)));
    }

    /// <summary>Only the wanted labels. What is added up alone is so as <c>aten::sum</c> does it: integers in int64.</summary>
    private static Named Sum(RuleContext c, Named operand, ImmutableHashSet<int> wanted)
    {
        ImmutableArray<int> axes = [.. Enumerable.Range(0, operand.Labels.Length).Where(axis => !wanted.Contains(operand.Labels[axis]))];
        var dtype = operand.Tensor.DType.IsFloatingPoint() ? operand.Tensor.DType : DType.Int64;
        return new Named(c[operand.Tensor].To(dtype).Sum(axes).Dropping(axes, keep: false), [.. operand.Labels.Where(wanted.Contains)]);
    }

    private static PlanTensor TensorDot(RuleContext c)
    {
        var (left, right) = (c.Tensor(0), c.Tensor(1));
        var ofLeft = c.Integers(2).Select(axis => ViewOperations.AxisOf(left.Shape, axis)).ToArray();
        var ofRight = c.Integers(3).Select(axis => ViewOperations.AxisOf(right.Shape, axis)).ToArray();
        if (ofLeft.Length != ofRight.Length || ofLeft.Distinct().Count() != ofLeft.Length || ofRight.Distinct().Count() != ofRight.Length)
        {
            throw c.Error(ErrorCodes.InvalidShape, "wanted as many axes of one operand as of the other, each once");
        }

        for (var i = 0; i < ofLeft.Length; i++)
        {
            var (a, b) = (left.Shape[ofLeft[i]], right.Shape[ofRight[i]]);
            if (a != b && a != 1 && b != 1)
            {
                throw c.Error(ErrorCodes.InvalidShape, $"axis {ofLeft[i]} of size {a} cannot be summed with axis {ofRight[i]} of size {b}");
            }
        }

        // The axes of the left are numbered as they are; those of the right come behind them, but where they are summed together.
        var labels = Enumerable.Range(0, right.Shape.Length).Select(axis => Array.IndexOf(ofRight, axis) is >= 0 and var at ? ofLeft[at] : left.Shape.Length + axis);
        ImmutableArray<int> all = [.. Enumerable.Range(0, left.Shape.Length).Except(ofLeft), .. Enumerable.Range(0, right.Shape.Length).Except(ofRight).Select(axis => left.Shape.Length + axis)];
        return Pair(c, new Named(left, [.. Enumerable.Range(0, left.Shape.Length)]), new Named(right, [.. labels]), [.. all]).Tensor;
    }

    private static PlanTensor Bilinear(RuleContext c)
    {
        var product = Einsum(c, "...i,oij,...j->...o", [c.Tensor(0), c.Tensor(2), c.Tensor(1)]);
        return c.OptionalTensor(3) is { } bias ? c.Call("aten::add", product, bias) : product;
    }
}
