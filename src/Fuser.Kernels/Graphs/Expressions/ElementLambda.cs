using System.Linq.Expressions;
using System.Reflection;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Graphs;

/// <summary>
/// Translates a lambda over numbers, <c>(float x, float y) => MathF.Exp(x) * y</c>, into operations on tensors, so that every
/// element is what C# would compute from the same numbers: casts become <c>aten::to</c>, <c>?:</c> becomes <c>aten::where</c>,
/// whole numbers divide towards zero.
/// </summary>
internal sealed class ElementLambda
{
    private readonly GraphBuilder _builder = new();
    private readonly LambdaExpression _lambda;
    private readonly ParameterDependence _dependence;
    private readonly Dictionary<Expression, GraphTensor> _inputs = new(ReferenceEqualityComparer.Instance);

    public ElementLambda(LambdaExpression lambda)
    {
        _lambda = ConstantChoices.Make(lambda, Evaluate);
        _dependence = new ParameterDependence(_lambda);
    }

    public Graph Build()
    {
        for (var i = 0; i < _lambda.Parameters.Count; i++)
        {
            _ = TypeOf(_lambda.Parameters[i]);
            _inputs[_lambda.Parameters[i]] = _builder.Input(GraphExpression.InputName(_lambda, i));
        }

        foreach (var result in Results())
        {
            _builder.Output(_dependence.IsConstant(result)
                ? throw Unsupported(result, "a result that depends on no parameter")
                : Translate(result).Tensor!);
        }

        return _builder.Build();
    }

    private IReadOnlyList<Expression> Results() => _lambda.Body switch
    {
        MethodCallExpression call when call.Method.DeclaringType == typeof(ValueTuple) => call.Arguments,
        NewExpression tuple when tuple.Type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true => tuple.Arguments,
        NewArrayExpression { NodeType: ExpressionType.NewArrayInit } array => array.Expressions,
        var single => [single],
    };

    /// <summary>A translated part is a tensor, or a constant when nothing in it depends on a parameter.</summary>
    private Element Translate(Expression expression)
    {
        if (_dependence.IsConstant(expression))
        {
            return new Element(null, Evaluate(expression));
        }

        return expression switch
        {
            ParameterExpression => Of(_inputs[expression]),
            UnaryExpression unary => Of(Unary(unary)),
            BinaryExpression binary => Of(Binary(binary)),
            ConditionalExpression conditional => Of(Conditional(conditional)),
            MethodCallExpression call => Of(Call(call)),
            _ => throw Unsupported(expression, $"{expression.NodeType}"),
        };
    }

    private GraphTensor Unary(UnaryExpression unary)
    {
        var operand = Translate(unary.Operand).Tensor!;
        return unary.NodeType switch
        {
            _ when unary.Method is not null => throw Unsupported(unary, $"the operator {unary.Method.Name} of {unary.Method.DeclaringType?.Name}"),
            ExpressionType.Convert => TypeOf(unary) == TypeOf(unary.Operand) ? operand : operand.To(TypeOf(unary)),
            ExpressionType.Negate => operand.Neg(),
            ExpressionType.UnaryPlus => operand,
            ExpressionType.Not when unary.Type == typeof(bool) => operand.LogicalNot(),
            ExpressionType.Not or ExpressionType.OnesComplement => operand.BitwiseNot(),
            _ => throw Unsupported(unary, $"{unary.NodeType}"),
        };
    }

    private GraphTensor Binary(BinaryExpression binary)
    {
        if (binary.Method is not null)
        {
            throw Unsupported(binary, $"the operator {binary.Method.Name} of {binary.Method.DeclaringType?.Name}");
        }

        var type = TypeOf(binary.Left);
        var left = Translate(binary.Left);
        var right = Translate(binary.Right);
        return left.Tensor is not null ? TensorFirst(binary, type, left.Tensor, right) : ConstantFirst(binary, type, left, right.Tensor!);
    }

    private GraphTensor TensorFirst(BinaryExpression binary, DType type, GraphTensor x, Element y) => binary.NodeType switch
    {
        ExpressionType.Add => x.Add(y.Operand),
        ExpressionType.Subtract => x.Sub(y.Operand),
        ExpressionType.Multiply => x.Mul(y.Operand),
        ExpressionType.Divide => type.IsFloatingPoint() ? x.Div(y.Operand) : x.Div(y.Operand, "trunc"),
        ExpressionType.Modulo => x.Fmod(y.Operand),
        ExpressionType.And => x.BitwiseAnd(y.Operand),
        ExpressionType.Or => x.BitwiseOr(y.Operand),
        ExpressionType.ExclusiveOr => x.BitwiseXor(y.Operand),
        ExpressionType.AndAlso => x.LogicalAnd(y.Tensor!),
        ExpressionType.OrElse => x.LogicalOr(y.Tensor!),
        ExpressionType.LeftShift => x.ShiftLeft(ShiftCount(binary, type)),
        ExpressionType.RightShift => x.ShiftRight(ShiftCount(binary, type)),
        ExpressionType.LessThan => x.Lt(y.Operand),
        ExpressionType.LessThanOrEqual => x.Le(y.Operand),
        ExpressionType.GreaterThan => x.Gt(y.Operand),
        ExpressionType.GreaterThanOrEqual => x.Ge(y.Operand),
        ExpressionType.Equal => x.Eq(y.Operand),
        ExpressionType.NotEqual => x.Ne(y.Operand),
        _ => throw Unsupported(binary, $"{binary.NodeType}"),
    };

    private GraphTensor ConstantFirst(BinaryExpression binary, DType type, Element x, GraphTensor y) => binary.NodeType switch
    {
        ExpressionType.Add => y.Add(x.Operand),
        ExpressionType.Subtract => y.Neg().Add(x.Operand),
        ExpressionType.Multiply => y.Mul(x.Operand),
        ExpressionType.Divide when x.Constant is 1.0 or 1f => y.Reciprocal(),
        ExpressionType.Divide => type.IsFloatingPoint() ? Tensor(x, y).Div(y) : Tensor(x, y).Div(y, "trunc"),
        ExpressionType.Modulo => Tensor(x, y).Fmod(y),
        ExpressionType.And => y.BitwiseAnd(x.Operand),
        ExpressionType.Or => y.BitwiseOr(x.Operand),
        ExpressionType.ExclusiveOr => y.BitwiseXor(x.Operand),
        ExpressionType.LessThan => y.Gt(x.Operand),
        ExpressionType.LessThanOrEqual => y.Ge(x.Operand),
        ExpressionType.GreaterThan => y.Lt(x.Operand),
        ExpressionType.GreaterThanOrEqual => y.Le(x.Operand),
        ExpressionType.Equal => y.Eq(x.Operand),
        ExpressionType.NotEqual => y.Ne(x.Operand),
        _ => throw Unsupported(binary, $"{binary.NodeType} of a constant by a parameter"),
    };

    /// <summary>C# takes the count modulo the width of the type, which PyTorch does not.</summary>
    private GraphOperand ShiftCount(BinaryExpression binary, DType type)
        => _dependence.IsConstant(binary.Right) && Evaluate(binary.Right) is int count
            ? count & ((8 * type.ItemSize()) - 1)
            : throw Unsupported(binary, "a shift by a count that is not constant");

    private GraphTensor Conditional(ConditionalExpression conditional)
    {
        var test = Translate(conditional.Test).Tensor!;
        var yes = Translate(conditional.IfTrue);
        var no = Translate(conditional.IfFalse);
        if (yes.Tensor is null && no.Tensor is null && TypeOf(conditional) is not DType.Float32 and var type)
        {
            // Of two numbers aten::where makes float32 or int64. A tensor of the right type, where the test is false, prevents that.
            yes = Of(GraphTensor.Where(test, yes.Operand, test.To(type)));
        }

        return GraphTensor.Where(test, yes.Operand, no.Operand);
    }

    private GraphTensor Call(MethodCallExpression call)
    {
        var isMath = call.Object is null && call.Method.DeclaringType is var owner
            && (owner == typeof(Math) || owner == typeof(MathF) || owner == typeof(float) || owner == typeof(double));
        var result = isMath ? ElementFunctions.Translate(call.Method.Name, [.. call.Arguments.Select(Translate)]) : null;
        return result ?? throw Unsupported(call, $"a call of {call.Method.DeclaringType?.Name}.{call.Method.Name}");
    }

    /// <summary>
    /// The constant as a tensor beside another of the same type. It is NaN wherever the other is, so it may only go into functions
    /// that give NaN for NaN.
    /// </summary>
    public static GraphTensor Tensor(Element element, GraphTensor beside)
        => element.Tensor ?? GraphTensor.Where(beside.Eq(beside), element.Operand, beside);

    private static Element Of(GraphTensor tensor) => new(tensor, null);

    private static object Evaluate(Expression expression)
    {
        object? value;
        try
        {
            value = Expression.Lambda(expression).Compile(preferInterpretation: true).DynamicInvoke();
        }
        catch (TargetInvocationException e)
        {
            throw new GraphException(
                ErrorCodes.UnsupportedExpression,
                $"the constant part '{expression}' of the lambda cannot be evaluated: {e.InnerException?.Message}",
                innerException: e.InnerException);
        }

        return value ?? throw Unsupported(expression, "null");
    }

    private static DType TypeOf(Expression expression) => Type.GetTypeCode(expression.Type) switch
    {
        _ when expression.Type.IsEnum => throw Unsupported(expression, $"the type {expression.Type.Name}"),
        TypeCode.Boolean => DType.Bool,
        TypeCode.Byte => DType.UInt8,
        TypeCode.SByte => DType.Int8,
        TypeCode.Int16 => DType.Int16,
        TypeCode.Int32 => DType.Int32,
        TypeCode.Int64 => DType.Int64,
        TypeCode.Single => DType.Float32,
        TypeCode.Double => DType.Float64,
        _ => throw Unsupported(expression, $"the type {expression.Type.Name}"),
    };

    private static GraphException Unsupported(Expression expression, string what) => new(
        ErrorCodes.UnsupportedExpression,
        $"the lambda has {what} in '{expression}', which has no meaning for tensors. Use arithmetic, comparisons, ?:, casts and functions of Math and MathF, on bool, byte, sbyte, short, int, long, float and double.");

    /// <summary>A tensor, or the boxed number that a constant part evaluated to.</summary>
    internal readonly record struct Element(GraphTensor? Tensor, object? Constant)
    {
        public GraphOperand Operand => Tensor is not null ? Tensor : Constant switch
        {
            bool value => value,
            byte value => value,
            sbyte value => value,
            short value => value,
            int value => value,
            long value => value,
            float value => value,
            double value => value,
            var other => throw new GraphException(ErrorCodes.UnsupportedExpression, $"the lambda holds the constant {other}, which is no number. Use bool, int, long, float or double."),
        };
    }
}
