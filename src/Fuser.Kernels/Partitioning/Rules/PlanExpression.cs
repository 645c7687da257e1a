using System.Collections.Immutable;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>A tensor with the arithmetic that rules are written in; every operation is one of the catalogue, with its promotion and its one rounding.</summary>
internal readonly struct PlanExpression(RuleContext context, PlanTensor tensor)
{
    public PlanTensor Tensor { get; } = tensor;

    public DType DType => Tensor.DType;

    public ImmutableArray<long> Shape => Tensor.Shape;

    public int Rank => Tensor.Shape.Length;

    private RuleContext Context { get; } = context;

    public static implicit operator PlanTensor(PlanExpression expression) => expression.Tensor;

    public static PlanExpression operator +(PlanExpression a, PlanExpression b) => a.Call("aten::add", b.Tensor);

    public static PlanExpression operator -(PlanExpression a, PlanExpression b) => a.Call("aten::sub", b.Tensor);

    public static PlanExpression operator *(PlanExpression a, PlanExpression b) => a.Call("aten::mul", b.Tensor);

    public static PlanExpression operator /(PlanExpression a, PlanExpression b) => a.Call("aten::div", b.Tensor);

    public static PlanExpression operator +(PlanExpression a, PlanValue b) => a.Call("aten::add", b);

    public static PlanExpression operator -(PlanExpression a, PlanValue b) => a.Call("aten::sub", b);

    public static PlanExpression operator *(PlanExpression a, PlanValue b) => a.Call("aten::mul", b);

    public static PlanExpression operator /(PlanExpression a, PlanValue b) => a.Call("aten::div", b);

    public static PlanExpression operator -(PlanExpression a) => a.Call("aten::neg");

    public static PlanExpression operator &(PlanExpression a, PlanExpression b) => a.Call("aten::logical_and", b.Tensor);

    public static PlanExpression operator |(PlanExpression a, PlanExpression b) => a.Call("aten::logical_or", b.Tensor);

    /// <summary>An operation of the catalogue with this as its first argument.</summary>
    public PlanExpression Call(string kind, params ImmutableArray<PlanValue> others) => new(Context, Context.Call(kind, [Tensor, .. others]));

    public PlanExpression To(DType dtype) => new(Context, Context.Convert(Tensor, dtype));

    /// <summary>In float64, in which statistics stay until they are <see cref="Rounded"/>: squares of float32 are exact there, and neither overflow nor vanish.</summary>
    public PlanExpression Wide() => To(DType.Float64);

    /// <summary>From float64 to what a floating point dtype is computed in, with one rounding; a 16-bit float stays a float32, as everywhere inside a graph.</summary>
    public PlanExpression Rounded(DType dtype) => dtype switch
    {
        DType.Float16 => To(DType.Float32).Call("prim::AsFloat16"),
        DType.BFloat16 => To(DType.Float32).Call("prim::AsBFloat16"),
        _ => To(dtype),
    };

    public PlanExpression Exp() => Call("aten::exp");

    public PlanExpression Log() => Call("aten::log");

    public PlanExpression Abs() => Call("aten::abs");

    public PlanExpression Square() => this * this;

    public PlanExpression Sqrt() => Call("aten::sqrt");

    public PlanExpression Rsqrt() => Call("aten::rsqrt");

    /// <summary>1 - this.</summary>
    public PlanExpression Complement() => Call("aten::rsub", RuleContext.Number(1));

    public PlanExpression EqualTo(PlanValue other) => Call("aten::eq", other);

    public PlanExpression NotEqualTo(PlanValue other) => Call("aten::ne", other);

    /// <summary>As a condition: <paramref name="whenTrue"/> where it holds, else <paramref name="whenFalse"/>.</summary>
    public PlanExpression Choose(PlanValue whenTrue, PlanValue whenFalse) => Call("aten::where", whenTrue, whenFalse);

    public PlanExpression Sum(ImmutableArray<int> axes) => new(Context, Context.Reduce(ReductionKind.Sum, Tensor, axes));

    public PlanExpression Product(ImmutableArray<int> axes) => new(Context, Context.Reduce(ReductionKind.Product, Tensor, axes));

    public PlanExpression Maximum(ImmutableArray<int> axes) => new(Context, Context.Reduce(ReductionKind.Maximum, Tensor, axes));

    public PlanExpression Minimum(ImmutableArray<int> axes) => new(Context, Context.Reduce(ReductionKind.Minimum, Tensor, axes));

    /// <summary>The sum over the number of elements, rounded once; of integers a float32.</summary>
    public PlanExpression Mean(ImmutableArray<int> axes) => WideMean(axes).Rounded(DType.IsFloatingPoint() ? DType : DType.Float32);

    /// <summary>The mean in float64; the sum of integers is made of them as they are.</summary>
    public PlanExpression WideMean(ImmutableArray<int> axes) => (DType.IsFloatingPoint() ? Wide().Sum(axes) : Sum(axes).Wide()) / CountOf(axes);

    /// <summary>How many elements the axes have together.</summary>
    public PlanNumber CountOf(ImmutableArray<int> axes) => Context.OfShape(Count(axes));

    /// <summary>How many elements the axes have together, less a correction; not below 0.</summary>
    public PlanNumber CountOf(ImmutableArray<int> axes, double less) => Context.OfShape(Math.Max(Count(axes) - less, 0));

    /// <summary>Without the reduced axes, unless they are to stay.</summary>
    public PlanTensor Dropping(ImmutableArray<int> axes, bool keep) => keep ? Tensor : Context.Drop(Tensor, axes);

    public PlanExpression Unsqueeze(int axis)
    {
        var rank = Rank;
        return new PlanExpression(Context, Context.Look(Tensor, new Operations.View(
            Tensor.Shape.Insert(axis, 1),
            new Operations.IndexMap([.. Enumerable.Range(0, rank).Select(i => Operations.AxisSource.Of(i < axis ? i : i + 1))]))));
    }

    private long Count(ImmutableArray<int> axes)
    {
        var shape = Tensor.Shape;
        return Shapes.ElementCount([.. axes.Select(axis => shape[axis])]);
    }
}
