using System.Linq.Expressions;
using System.Runtime.CompilerServices;

namespace Fuser.Kernels.Graphs;

/// <summary>Finds the parts of a lambda that depend on its parameters. The others are constants.</summary>
internal sealed class ParameterDependence : ExpressionVisitor
{
    private readonly HashSet<Expression> _dependent = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Expression> _parameters;
    private bool _found;

    public ParameterDependence(LambdaExpression lambda)
    {
        _parameters = new HashSet<Expression>(lambda.Parameters, ReferenceEqualityComparer.Instance);
        Visit(lambda.Body);
    }

    public bool IsConstant(Expression expression) => !_dependent.Contains(expression);

    public override Expression? Visit(Expression? node)
    {
        if (node is null)
        {
            return null;
        }

        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new GraphException(ErrorCodes.GraphLimit, "the lambda is nested too deeply. Split it into several, or use GraphBuilder.");
        }

        var outer = _found;
        _found = _parameters.Contains(node);
        base.Visit(node);
        if (_found)
        {
            _dependent.Add(node);
        }

        _found |= outer;
        return node;
    }
}
