using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Targets.OpenCl;

/// <summary>Prints primitives as expressions of OpenCL C that mean exactly them.</summary>
internal sealed class OpenClPrimitives(KernelIr ir, bool[] varies)
{
    /// <summary>The variable of a node: one per element when it differs between them.</summary>
    public string Name(int id, int element) => varies[id] && element > 0 ? $"v{id}_{element}" : $"v{id}";

    /// <summary>Statements that have to stand before the node's own.</summary>
    public IEnumerable<string> Before(int id, int element)
    {
        var node = ir.Nodes[id];
        if (node.Op is IrOp.Divide or IrOp.Remainder && node.Type.IsInteger())
        {
            yield return $"if ({Name(node.B, element)} == 0) *fault = 1;";
        }
    }

    public string Expression(int id, int element)
    {
        var node = ir.Nodes[id];
        var (a, b, c) = (Operand(node.A, element), Operand(node.B, element), Operand(node.C, element));
        switch (node.Op)
        {
            case IrOp.Constant: return OpenClTypes.Constant(node.Type, node.Immediate);
            case IrOp.Scalar: return Number(node);
            case IrOp.Add or IrOp.Subtract or IrOp.Multiply: return Arithmetic(node, a, b);
            case IrOp.Divide when node.Type.IsFloat(): return $"{a} / {b}";
            case IrOp.Divide: return Divide(node.Type, a, b);
            case IrOp.Remainder when node.Type.IsFloat(): return $"{OpenClHelpers.Remainder(node.Type)}({a}, {b})";
            case IrOp.Remainder: return $"({b} == 0 || {b} == -1) ? 0 : {a} % {b}";
            case IrOp.FusedMultiplyAdd: return $"fma({a}, {b}, {c})";
            case IrOp.SquareRoot: return $"sqrt({a})";
            case IrOp.Floor: return $"floor({a})";
            case IrOp.Round: return $"rint({a})";
            case IrOp.Truncate: return $"trunc({a})";
            case IrOp.And: return $"{a} & {b}";
            case IrOp.Or: return $"{a} | {b}";
            case IrOp.Xor: return $"{a} ^ {b}";
            case IrOp.ShiftLeft: return $"({Value(node)})({Unsigned(node, a)} << ({b} & {Mask(node)}))";
            case IrOp.ShiftRight: return $"{a} >> ({b} & {Mask(node)})";
            case IrOp.ShiftRightLogical: return $"({Value(node)})({Unsigned(node, a)} >> ({b} & {Mask(node)}))";
            case IrOp.Equal: return $"{a} == {b}";
            case IrOp.LessThan or IrOp.LessOrEqual: return Comparison(node, a, b);
            case IrOp.Select: return $"{a} ? {b} : {c}";
            case IrOp.Convert: return Convert(ir.Nodes[node.A].Type, node.Type, a);
            case IrOp.Bitcast: return $"as_{Value(node)}({a})";
            case IrOp.TableLookup: return $"as_{Value(node)}({OpenClHelpers.Table((int)node.Immediate, node.Type)}[{a}])";
            default: throw new InternalFuserException(ErrorCodes.Internal, $"{node.Op} has no form in OpenCL C");
        }
    }

    private string Operand(int id, int element) => id < 0 ? "" : Name(id, element);

    private static string Value(IrNode node) => OpenClTypes.Value(node.Type);

    private static string Unsigned(IrNode node, string operand) => $"(u{Value(node)}){operand}";

    private static int Mask(IrNode node) => (node.Type.Size() * 8) - 1;

    private static string Number(IrNode node) => node.Type switch
    {
        IrType.Bool => $"(c{node.Immediate} & 0xff) != 0",
        IrType.Int32 => $"(int)c{node.Immediate}",
        IrType.Int64 => $"c{node.Immediate}",
        IrType.Float32 => $"as_float((int)c{node.Immediate})",
        _ => $"as_double(c{node.Immediate})",
    };

    private static string Arithmetic(IrNode node, string a, string b)
    {
        var op = node.Op switch { IrOp.Add => '+', IrOp.Subtract => '-', _ => '*' };
        return node.Type.IsFloat() ? $"{a} {op} {b}" : $"({Value(node)})({Unsigned(node, a)} {op} {Unsigned(node, b)})";
    }

    /// <summary>A divisor of zero has set the fault word; whatever comes out is not used. MIN / -1 wraps.</summary>
    private static string Divide(IrType type, string a, string b)
    {
        var value = OpenClTypes.Value(type);
        return $"{b} == -1 ? ({value})(0u - (u{value}){a}) : {a} / ({b} == 0 ? 1 : {b})";
    }

    /// <summary>
    /// Compilers on LLVM before July 2026 turn <c>a &lt; 0 ? a : 0</c>, and everything they see the same in, into a minimum that loses the sign of zero (LLVM issue
    /// 93414). Next to zero stand the smallest subnormals: compared with those the meaning is the same, and nobody takes it for a minimum.
    /// </summary>
    private string Comparison(IrNode node, string a, string b)
    {
        var type = ir.Nodes[node.A].Type;
        if (type.IsFloat() && IsZero(node.B))
        {
            return node.Op == IrOp.LessThan ? $"{a} <= {Smallest(type, negative: true)}" : $"{a} < {Smallest(type, negative: false)}";
        }

        if (type.IsFloat() && IsZero(node.A))
        {
            return node.Op == IrOp.LessThan ? $"{b} >= {Smallest(type, negative: false)}" : $"{b} > {Smallest(type, negative: true)}";
        }

        return node.Op == IrOp.LessThan ? $"{a} < {b}" : $"{a} <= {b}";
    }

    private bool IsZero(int id)
    {
        var node = ir.Nodes[id];
        return node.Op == IrOp.Constant && (node.Type == IrType.Float32 ? (node.Immediate & 0x7fffffff) == 0 : (node.Immediate & long.MaxValue) == 0);
    }

    private static string Smallest(IrType type, bool negative) => type == IrType.Float32
        ? OpenClTypes.Constant(type, negative ? unchecked((int)0x80000001) : 1)
        : OpenClTypes.Constant(type, negative ? unchecked((long)0x8000000000000001) : 1);

    private static string Convert(IrType from, IrType to, string a)
    {
        if (to == IrType.Bool)
        {
            return $"{a} != 0";
        }

        if (from == IrType.Bool)
        {
            return $"{a} ? {OpenClTypes.Constant(to, One(to))} : {OpenClTypes.Constant(to, 0)}";
        }

        if (from.IsFloat() && to.IsInteger())
        {
            // 2^31 and 2^63 are floats; the largest integers below them are none. A conversion out of range has no meaning in C, so none is made.
            var bits = from == IrType.Float32 ? (to == IrType.Int32 ? 0x4f000000 : 0x5f000000) : (to == IrType.Int32 ? 0x41e0000000000000 : 0x43e0000000000000);
            var sign = from == IrType.Float32 ? unchecked((int)0x80000000) : long.MinValue;
            var (limit, lowest) = (OpenClTypes.Constant(from, bits), OpenClTypes.Constant(from, bits | sign));
            var (max, min) = to == IrType.Int32 ? ("INT_MAX", "INT_MIN") : ("LONG_MAX", "LONG_MIN");
            return $"{a} != {a} ? 0 : {a} >= {limit} ? {max} : {a} < {lowest} ? {min} : ({OpenClTypes.Value(to)}){a}";
        }

        return to.IsFloat() ? $"convert_{OpenClTypes.Value(to)}_rte({a})" : $"({OpenClTypes.Value(to)}){a}";
    }

    private static long One(IrType type) => type switch
    {
        IrType.Float32 => 0x3f800000,
        IrType.Float64 => 0x3ff0000000000000,
        _ => 1,
    };
}
