using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace Fuser.Kernels.Graphs;

/// <summary>
/// Makes graphs from lambdas.
/// <code>
/// Graph a = GraphExpression.From((x, y) => x.Tanh() * y + 1);                             // tensors: everything GraphTensor offers
/// Graph b = GraphExpression.From((float x, float y) => MathF.Tanh(x) * y + scale);        // numbers: applied element by element
/// </code>
/// What a lambda captures is read once, here, and becomes a constant. Several results are returned by
/// <c>ValueTuple.Create(a, b)</c> or an array; C# allows no tuple literals in an expression.
/// </summary>
public static class GraphExpression
{
    /// <summary>
    /// Makes a graph from a lambda of any parameter types: all <see cref="GraphTensor"/> and <see cref="GraphScalar"/> (a float
    /// input), or all numbers (bool, byte, sbyte, short, int, long, float, double), in which case every parameter is a tensor and
    /// the body is applied to each element. The parameters give the inputs their names.
    /// </summary>
    /// <exception cref="GraphException">The lambda holds something that has no meaning as a graph; the message names it.</exception>
    public static Graph From(LambdaExpression lambda)
    {
        ArgumentNullException.ThrowIfNull(lambda);
        return lambda.Parameters.Any(static p => typeof(GraphHandle).IsAssignableFrom(p.Type)) ? OfHandles(lambda) : new ElementLambda(lambda).Build();
    }

    /// <summary>Makes a graph from a lambda over one tensor.</summary>
    /// <typeparam name="TResult"><see cref="GraphTensor"/>, a ValueTuple of them, or an array.</typeparam>
    /// <exception cref="GraphException">The result is none of these.</exception>
    public static Graph From<TResult>(Expression<Func<GraphTensor, TResult>> lambda) => From((LambdaExpression)lambda);

    /// <inheritdoc cref="From{TResult}(Expression{Func{GraphTensor, TResult}})"/>
    public static Graph From<TResult>(Expression<Func<GraphTensor, GraphTensor, TResult>> lambda) => From((LambdaExpression)lambda);

    /// <inheritdoc cref="From{TResult}(Expression{Func{GraphTensor, TResult}})"/>
    public static Graph From<TResult>(Expression<Func<GraphTensor, GraphTensor, GraphTensor, TResult>> lambda) => From((LambdaExpression)lambda);

    /// <inheritdoc cref="From{TResult}(Expression{Func{GraphTensor, TResult}})"/>
    public static Graph From<TResult>(Expression<Func<GraphTensor, GraphTensor, GraphTensor, GraphTensor, TResult>> lambda) => From((LambdaExpression)lambda);

    /// <inheritdoc cref="From{TResult}(Expression{Func{GraphTensor, TResult}})"/>
    public static Graph From<TResult>(Expression<Func<GraphTensor, GraphTensor, GraphTensor, GraphTensor, GraphTensor, TResult>> lambda) => From((LambdaExpression)lambda);

    /// <inheritdoc cref="From{TResult}(Expression{Func{GraphTensor, TResult}})"/>
    public static Graph From<TResult>(Expression<Func<GraphTensor, GraphTensor, GraphTensor, GraphTensor, GraphTensor, GraphTensor, TResult>> lambda) => From((LambdaExpression)lambda);

    /// <inheritdoc cref="From{TResult}(Expression{Func{GraphTensor, TResult}})"/>
    public static Graph From<TResult>(Expression<Func<GraphTensor, GraphTensor, GraphTensor, GraphTensor, GraphTensor, GraphTensor, GraphTensor, TResult>> lambda) => From((LambdaExpression)lambda);

    /// <inheritdoc cref="From{TResult}(Expression{Func{GraphTensor, TResult}})"/>
    public static Graph From<TResult>(Expression<Func<GraphTensor, GraphTensor, GraphTensor, GraphTensor, GraphTensor, GraphTensor, GraphTensor, GraphTensor, TResult>> lambda) => From((LambdaExpression)lambda);

    /// <summary>Input names are the parameters' names where the text format can write them and they are not taken.</summary>
    internal static string InputName(LambdaExpression lambda, int index)
    {
        var name = lambda.Parameters[index].Name ?? "";
        var usable = name.Length > 0 && GraphNames.WordLength(name) == name.Length && lambda.Parameters.Count(p => p.Name == name) == 1;
        return usable ? name : $"arg.{index}";
    }

    /// <summary>The body is C# over handles, so it is simply run, on handles in place of tensors.</summary>
    private static Graph OfHandles(LambdaExpression lambda)
    {
        var builder = new GraphBuilder();
        var handles = new object[lambda.Parameters.Count];
        for (var i = 0; i < handles.Length; i++)
        {
            var name = InputName(lambda, i);
            handles[i] = lambda.Parameters[i].Type == typeof(GraphTensor) ? builder.Input(name)
                : lambda.Parameters[i].Type == typeof(GraphScalar) ? builder.ScalarInput(name, ScalarKind.Float)
                : throw new GraphException(
                    ErrorCodes.UnsupportedExpression,
                    $"the parameter '{name}' is a {lambda.Parameters[i].Type.Name} beside parameters that are GraphTensor. Make it a GraphTensor or a GraphScalar.");
        }

        builder.Output(Results(Run(lambda, handles)));
        return builder.Build();
    }

    private static object? Run(LambdaExpression lambda, object[] handles)
    {
        try
        {
            return lambda.Compile(preferInterpretation: true).DynamicInvoke(handles);
        }
        catch (TargetInvocationException e) when (e.InnerException is not null)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
    }

    private static GraphTensor[] Results(object? result)
    {
        var items = result switch
        {
            GraphTensor single => [single],
            GraphTensor[] several => several,
            ITuple tuple => [.. Enumerable.Range(0, tuple.Length).Select(i => tuple[i])],
            _ => new[] { result },
        };
        return [.. items.Select(static (item, i) => item as GraphTensor ?? throw new GraphException(
            ErrorCodes.UnsupportedExpression,
            $"result {i} of the lambda is {item?.GetType().Name ?? "null"}. Return a GraphTensor, ValueTuple.Create of several, or an array."))];
    }
}
