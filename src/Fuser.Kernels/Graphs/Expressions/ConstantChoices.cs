using System.Linq.Expressions;

namespace Fuser.Kernels.Graphs;

/// <summary>
/// Takes the choices that depend on no parameter (<c>flag ? x : y</c>, <c>flag &amp;&amp; x &gt; 0</c>) out of a lambda, so that
/// whatever still depends on a parameter is a tensor.
/// </summary>
internal sealed class ConstantChoices : ExpressionVisitor
{
    private readonly ParameterDependence _dependence;
    private readonly Func<Expression, object> _evaluate;

    private ConstantChoices(ParameterDependence dependence, Func<Expression, object> evaluate)
    {
        _dependence = dependence;
        _evaluate = evaluate;
    }

    /// <summary>A choice that was made can make another one constant; this goes on until none is left.</summary>
    public static LambdaExpression Make(LambdaExpression lambda, Func<Expression, object> evaluate)
    {
        while (true)
        {
            var body = new ConstantChoices(new ParameterDependence(lambda), evaluate).Visit(lambda.Body);
            if (ReferenceEquals(body, lambda.Body))
            {
                return lambda;
            }

            lambda = Expression.Lambda(body, lambda.Parameters);
        }
    }

    protected override Expression VisitConditional(ConditionalExpression node)
        => _dependence.IsConstant(node.Test)
            ? Visit((bool)_evaluate(node.Test) ? node.IfTrue : node.IfFalse)
            : base.VisitConditional(node);

    protected override Expression VisitBinary(BinaryExpression node)
    {
        if (node.NodeType is not (ExpressionType.AndAlso or ExpressionType.OrElse) || node.Method is not null || _dependence.IsConstant(node))
        {
            return base.VisitBinary(node);
        }

        var decisive = node.NodeType == ExpressionType.OrElse;
        return _dependence.IsConstant(node.Left) ? Choose(node.Left, node.Right, decisive)
            : _dependence.IsConstant(node.Right) ? Choose(node.Right, node.Left, decisive)
            : base.VisitBinary(node);
    }

    private Expression Choose(Expression constant, Expression other, bool decisive)
        => (bool)_evaluate(constant) == decisive ? Expression.Constant(decisive) : Visit(other);
}
