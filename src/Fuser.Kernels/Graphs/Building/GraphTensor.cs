namespace Fuser.Kernels.Graphs;

/// <summary>
/// A tensor of a graph under construction. Operators and methods add the operation of PyTorch with the same name, and mean what it
/// means there; nothing is computed until the graph runs.
/// </summary>
public sealed partial class GraphTensor : GraphHandle
{
    internal GraphTensor(GraphBuilder builder, Value value)
        : base(builder, value)
    {
    }

    /// <summary><c>aten::add</c>.</summary>
    public static GraphTensor operator +(GraphTensor x, GraphTensor y) => x.Add(y);

    /// <inheritdoc cref="op_Addition(GraphTensor, GraphTensor)"/>
    public static GraphTensor operator +(GraphTensor x, GraphOperand y) => x.Add(y);

    /// <inheritdoc cref="op_Addition(GraphTensor, GraphTensor)"/>
    public static GraphTensor operator +(GraphOperand x, GraphTensor y) => y.Add(x);

    /// <summary><c>aten::sub</c>.</summary>
    public static GraphTensor operator -(GraphTensor x, GraphTensor y) => x.Sub(y);

    /// <inheritdoc cref="op_Subtraction(GraphTensor, GraphTensor)"/>
    public static GraphTensor operator -(GraphTensor x, GraphOperand y) => x.Sub(y);

    /// <summary>As TorchScript has it, <c>neg(y) + x</c>, which rounds once and to the same value as <c>x - y</c>.</summary>
    public static GraphTensor operator -(GraphOperand x, GraphTensor y) => y.Neg().Add(x);

    /// <summary><c>aten::mul</c>.</summary>
    public static GraphTensor operator *(GraphTensor x, GraphTensor y) => x.Mul(y);

    /// <inheritdoc cref="op_Multiply(GraphTensor, GraphTensor)"/>
    public static GraphTensor operator *(GraphTensor x, GraphOperand y) => x.Mul(y);

    /// <inheritdoc cref="op_Multiply(GraphTensor, GraphTensor)"/>
    public static GraphTensor operator *(GraphOperand x, GraphTensor y) => y.Mul(x);

    /// <summary><c>aten::div</c>: true division, of whole numbers too.</summary>
    public static GraphTensor operator /(GraphTensor x, GraphTensor y) => x.Div(y);

    /// <inheritdoc cref="op_Division(GraphTensor, GraphTensor)"/>
    public static GraphTensor operator /(GraphTensor x, GraphOperand y) => x.Div(y);

    /// <summary>As eager PyTorch has it, <c>reciprocal(y) * x</c>: two roundings, so that the bits are the ones PyTorch gives.</summary>
    public static GraphTensor operator /(GraphOperand x, GraphTensor y) => y.Reciprocal().Mul(x);

    /// <summary><c>aten::remainder</c>: the sign of the divisor, as in Python.</summary>
    public static GraphTensor operator %(GraphTensor x, GraphTensor y) => x.Remainder(y);

    /// <inheritdoc cref="op_Modulus(GraphTensor, GraphTensor)"/>
    public static GraphTensor operator %(GraphTensor x, GraphOperand y) => x.Remainder(y);

    /// <summary><c>aten::neg</c>.</summary>
    public static GraphTensor operator -(GraphTensor x) => x.Neg();

    /// <summary><c>aten::bitwise_not</c>.</summary>
    public static GraphTensor operator ~(GraphTensor x) => x.BitwiseNot();

    /// <summary><c>aten::logical_not</c>.</summary>
    public static GraphTensor operator !(GraphTensor x) => x.LogicalNot();

    /// <summary><c>aten::bitwise_and</c>.</summary>
    public static GraphTensor operator &(GraphTensor x, GraphTensor y) => x.BitwiseAnd(y);

    /// <inheritdoc cref="op_BitwiseAnd(GraphTensor, GraphTensor)"/>
    public static GraphTensor operator &(GraphTensor x, GraphOperand y) => x.BitwiseAnd(y);

    /// <summary><c>aten::bitwise_or</c>.</summary>
    public static GraphTensor operator |(GraphTensor x, GraphTensor y) => x.BitwiseOr(y);

    /// <inheritdoc cref="op_BitwiseOr(GraphTensor, GraphTensor)"/>
    public static GraphTensor operator |(GraphTensor x, GraphOperand y) => x.BitwiseOr(y);

    /// <summary><c>aten::bitwise_xor</c>.</summary>
    public static GraphTensor operator ^(GraphTensor x, GraphTensor y) => x.BitwiseXor(y);

    /// <inheritdoc cref="op_ExclusiveOr(GraphTensor, GraphTensor)"/>
    public static GraphTensor operator ^(GraphTensor x, GraphOperand y) => x.BitwiseXor(y);

    /// <summary><c>aten::lt</c>.</summary>
    public static GraphTensor operator <(GraphTensor x, GraphTensor y) => x.Lt(y);

    /// <inheritdoc cref="op_LessThan(GraphTensor, GraphTensor)"/>
    public static GraphTensor operator <(GraphTensor x, GraphOperand y) => x.Lt(y);

    /// <summary><c>aten::le</c>.</summary>
    public static GraphTensor operator <=(GraphTensor x, GraphTensor y) => x.Le(y);

    /// <inheritdoc cref="op_LessThanOrEqual(GraphTensor, GraphTensor)"/>
    public static GraphTensor operator <=(GraphTensor x, GraphOperand y) => x.Le(y);

    /// <summary><c>aten::gt</c>.</summary>
    public static GraphTensor operator >(GraphTensor x, GraphTensor y) => x.Gt(y);

    /// <inheritdoc cref="op_GreaterThan(GraphTensor, GraphTensor)"/>
    public static GraphTensor operator >(GraphTensor x, GraphOperand y) => x.Gt(y);

    /// <summary><c>aten::ge</c>.</summary>
    public static GraphTensor operator >=(GraphTensor x, GraphTensor y) => x.Ge(y);

    /// <inheritdoc cref="op_GreaterThanOrEqual(GraphTensor, GraphTensor)"/>
    public static GraphTensor operator >=(GraphTensor x, GraphOperand y) => x.Ge(y);

    private GraphTensor Emit(string operation, params ReadOnlySpan<GraphOperand> operands) => Builder.Op("aten::" + operation, operands);
}
