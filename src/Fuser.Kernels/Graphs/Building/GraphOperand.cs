using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Graphs;

/// <summary>
/// What an operation can be given: a tensor or number of the graph, a list of tensors, or a constant. Converts implicitly from
/// all of these, so that <c>x + 1</c> and <c>builder.Op("aten::clamp", x, 0.0, GraphOperand.None)</c> read naturally.
/// </summary>
public readonly struct GraphOperand
{
    private GraphOperand(GraphHandle? handle, ConstantValue? constant, ImmutableArray<GraphTensor> list)
    {
        Handle = handle;
        Constant = constant;
        List = list;
    }

    /// <summary>The constant None: an argument that is left out.</summary>
    public static GraphOperand None => default;

    internal bool IsNone => Handle is null && Constant is null && List.IsDefault;

    internal GraphHandle? Handle { get; }

    internal ConstantValue? Constant { get; }

    internal ImmutableArray<GraphTensor> List { get; }

    /// <summary>A value of the graph.</summary>
    public static implicit operator GraphOperand(GraphTensor tensor) => new(tensor ?? throw new ArgumentNullException(nameof(tensor)), null, default);

    /// <summary>A value of the graph.</summary>
    public static implicit operator GraphOperand(GraphScalar scalar) => new(scalar ?? throw new ArgumentNullException(nameof(scalar)), null, default);

    /// <summary>A list of tensors (<c>prim::ListConstruct</c>).</summary>
    public static implicit operator GraphOperand(GraphTensor[] tensors) => new(null, null, [.. tensors]);

    /// <summary>An int constant.</summary>
    public static implicit operator GraphOperand(int value) => new(null, new IntConstant(value), default);

    /// <summary>An int constant.</summary>
    public static implicit operator GraphOperand(long value) => new(null, new IntConstant(value), default);

    /// <summary>A float constant.</summary>
    public static implicit operator GraphOperand(float value) => new(null, new FloatConstant(value), default);

    /// <summary>A float constant.</summary>
    public static implicit operator GraphOperand(double value) => new(null, new FloatConstant(value), default);

    /// <summary>A bool constant.</summary>
    public static implicit operator GraphOperand(bool value) => new(null, new BoolConstant(value), default);

    /// <summary>A string constant.</summary>
    public static implicit operator GraphOperand(string value) => new(null, new StringConstant(value), default);

    /// <summary>A list of ints, such as a shape.</summary>
    public static implicit operator GraphOperand(long[] values) => new(null, new ListConstant([.. values.Select(static v => new IntConstant(v))]), default);

    /// <summary>An element type, by PyTorch's number for it.</summary>
    public static implicit operator GraphOperand(DType dtype) => dtype.TorchCode();

    /// <summary>None when there is no value.</summary>
    public static implicit operator GraphOperand(double? value) => value is { } number ? number : None;
}
