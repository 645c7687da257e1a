namespace Fuser.Kernels.Graphs;

/// <summary>
/// A number of a graph under construction that is passed by value: a scalar input, or arithmetic on one. Its value may change from
/// call to call without a new kernel.
/// </summary>
public sealed class GraphScalar : GraphHandle
{
    internal GraphScalar(GraphBuilder builder, Value value, ScalarKind kind)
        : base(builder, value)
        => Kind = kind;

    /// <summary>What kind of number it is.</summary>
    public ScalarKind Kind { get; }

    /// <summary><c>aten::neg</c>.</summary>
    public static GraphScalar operator -(GraphScalar x) => x.Builder.ScalarOp("aten::neg", x.Kind, x);

    /// <summary><c>aten::add</c> of two numbers.</summary>
    public static GraphScalar operator +(GraphScalar x, GraphScalar y) => Arithmetic("aten::add", x, y);

    /// <summary><c>aten::sub</c> of two numbers.</summary>
    public static GraphScalar operator -(GraphScalar x, GraphScalar y) => Arithmetic("aten::sub", x, y);

    /// <summary><c>aten::mul</c> of two numbers.</summary>
    public static GraphScalar operator *(GraphScalar x, GraphScalar y) => Arithmetic("aten::mul", x, y);

    /// <summary><c>aten::div</c> of two numbers, which is a float even when both are whole.</summary>
    public static GraphScalar operator /(GraphScalar x, GraphScalar y) => x.Builder.ScalarOp("aten::div", ScalarKind.Float, x, y);

    private static GraphScalar Arithmetic(string kind, GraphScalar x, GraphScalar y)
        => x.Builder.ScalarOp(kind, x.Kind == ScalarKind.Float || y.Kind == ScalarKind.Float ? ScalarKind.Float : ScalarKind.Int, x, y);
}
