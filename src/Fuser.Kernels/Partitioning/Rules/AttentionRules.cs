using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>Attention: two products, and a softmax between them that is one kernel.</summary>
internal static class AttentionRules
{
    public static readonly Dictionary<string, PlanRule> Rules = new()
    {
        ["aten::scaled_dot_product_attention"] = Attend,
    };

    private const int Mask = 3;
    private const int Dropout = 4;
    private const int IsCausal = 5;
    private const int Scale = 6;
    private const int GroupedQueries = 7;

    private static PlanTensor Attend(RuleContext c)
    {
        var (query, key, value) = (c.Tensor(0), c.Tensor(1), c.Tensor(2));
        if (query.Shape.Length < 2 || key.Shape.Length < 2 || value.Shape.Length < 2 || !query.DType.IsFloatingPoint())
        {
            throw c.Error(ErrorCodes.InvalidShape, $"got {NodeArguments.Describe(query)}, {NodeArguments.Describe(key)} and {NodeArguments.Describe(value)}, wanted floating point tensors of two axes or more");
        }

        if (c.Structural(Dropout, 0) != 0)
        {
            throw c.Error(ErrorCodes.UnsupportedOperation, "dropout_p is not 0; run inference graphs, or apply dropout to the weights by hand");
        }

        if (c.Boolean(GroupedQueries, false))
        {
            (key, value) = (Repeat(c, key, query), Repeat(c, value, query));
        }

        // The scale follows from a shape, so it is no literal: another size needs no other kernel.
        PlanValue scale = c.IsNone(Scale) ? c.OfShape(1 / Math.Sqrt(query.Shape[^1])) : c.NumberAt(Scale, 1);
        var scores = c[MatrixRules.Multiply(c, query, Contractions.Transpose(c, key))] * scale;
        return MatrixRules.Multiply(c, Weights(scores, Masked(c, scores)), value);
    }

    /// <summary>The scores with what a query must not see at minus infinity; null when all sees all.</summary>
    private static PlanExpression? Masked(RuleContext c, PlanExpression scores)
    {
        var causal = c.Boolean(IsCausal, false);
        if (c.OptionalTensor(Mask) is { } mask)
        {
            return causal ? throw c.Error(ErrorCodes.OperationArgument, "got a mask and is_causal, wanted one of them")
                : mask.DType == DType.Bool ? c[mask].Choose(scores.Tensor, RuleContext.Literal(double.NegativeInfinity))
                : scores + c[mask].To(Contractions.CommonType(c, mask, scores));
        }

        return causal
            ? c[c.Indices([scores.Shape[^2], scores.Shape[^1]], [1, -1])].Call("aten::ge", RuleContext.Number(0)).Choose(scores.Tensor, RuleContext.Literal(double.NegativeInfinity))
            : null;
    }

    /// <summary>The softmax; a query that sees nothing has weights 0, as in PyTorch.</summary>
    private static PlanExpression Weights(PlanExpression scores, PlanExpression? masked)
    {
        var axis = scores.Rank - 1;
        if (masked is not { } seen)
        {
            return NormalisationRules.Softmax(scores, [axis]);
        }

        return seen.Maximum([axis]).EqualTo(RuleContext.Literal(double.NegativeInfinity)).Choose(RuleContext.Number(0), NormalisationRules.Softmax(seen, [axis]).Tensor);
    }

    /// <summary>Each head of a key or value for as many heads of the query as share it.</summary>
    private static PlanTensor Repeat(RuleContext c, PlanTensor tensor, PlanTensor query)
    {
        var (heads, wanted) = (tensor.Shape.Length > 2 ? tensor.Shape[^3] : 0, query.Shape.Length > 2 ? query.Shape[^3] : 0);
        return heads > 0 && wanted % heads == 0
            ? RearrangementRules.Interleave(c, tensor, wanted / heads, tensor.Shape.Length - 3)
            : throw c.Error(ErrorCodes.InvalidShape, $"{heads} heads cannot serve {wanted} of the query, wanted a divisor");
    }
}
