namespace Fuser.Kernels.Ir;

/// <summary>
/// Checks that a kernel is well formed: operands before uses, types as each primitive wants them, arguments
/// in range and every output stored once. Run after every pass in Debug builds and in the tests.
/// </summary>
internal static class IrVerifier
{
    public static void Verify(KernelIr kernel)
    {
        var stored = new bool[kernel.Arguments.Length];
        for (var id = 0; id < kernel.Nodes.Length; id++)
        {
            var problem = Check(kernel, kernel.Nodes[id], id, stored);
            if (problem is not null)
            {
                throw new InternalFuserException(ErrorCodes.Internal, $"kernel {kernel.Name}, node %{id}: {problem}\n{kernel}");
            }
        }

        for (var i = 0; i < stored.Length; i++)
        {
            if (kernel.Arguments[i].Kind == ArgumentKind.Output && !stored[i])
            {
                throw new InternalFuserException(ErrorCodes.Internal, $"kernel {kernel.Name}: output @{i} is never stored\n{kernel}");
            }
        }
    }

    private static string? Check(KernelIr kernel, IrNode node, int id, bool[] stored)
    {
        Span<int> operands = [node.A, node.B, node.C];
        for (var i = 0; i < 3; i++)
        {
            if (i < node.Op.Arity() ? operands[i] < 0 || operands[i] >= id || kernel.Nodes[operands[i]].Op == IrOp.Store : operands[i] != -1)
            {
                return $"operand {i} is {operands[i]}, wanted an earlier value";
            }
        }

        IrType TypeOf(int operand) => kernel.Nodes[operand].Type;
        switch (node.Op)
        {
            case IrOp.Constant:
                return null;
            case IrOp.Scalar:
                return CheckArgument(kernel, node, ArgumentKind.Scalar);
            case IrOp.Index:
                return node.Type == IrType.Int64 ? CheckArgument(kernel, node, ArgumentKind.Index) : "an index is i64";
            case IrOp.Load:
                return CheckArgument(kernel, node, ArgumentKind.Input)
                    ?? (node.Type == IrTypes.OfStorage(kernel.Arguments[(int)node.Immediate].DType) ? null : "the load's type is not that of its argument");
            case IrOp.Store:
                if (CheckArgument(kernel, node, ArgumentKind.Output) is { } wrong)
                {
                    return wrong;
                }

                if (stored[node.Immediate])
                {
                    return $"output @{node.Immediate} is stored twice";
                }

                stored[node.Immediate] = true;
                return TypeOf(node.A) == IrTypes.OfStorage(kernel.Arguments[(int)node.Immediate].DType) ? null : "the stored type is not that of its argument";
            case IrOp.Add or IrOp.Subtract or IrOp.Multiply or IrOp.Divide or IrOp.Remainder:
                return Same(TypeOf(node.A), TypeOf(node.B), node.Type) && node.Type != IrType.Bool ? null : "wants two numbers of its own type";
            case IrOp.FusedMultiplyAdd:
                return Same(TypeOf(node.A), TypeOf(node.B), node.Type) && TypeOf(node.C) == node.Type && node.Type.IsFloat() ? null : "wants three floats of its own type";
            case IrOp.SquareRoot or IrOp.Floor or IrOp.Round or IrOp.Truncate:
                return TypeOf(node.A) == node.Type && node.Type.IsFloat() ? null : "wants a float of its own type";
            case IrOp.And or IrOp.Or or IrOp.Xor:
                return Same(TypeOf(node.A), TypeOf(node.B), node.Type) && !node.Type.IsFloat() ? null : "wants two integers or booleans of its own type";
            case IrOp.ShiftLeft or IrOp.ShiftRight or IrOp.ShiftRightLogical:
                return Same(TypeOf(node.A), TypeOf(node.B), node.Type) && node.Type.IsInteger() ? null : "wants two integers of its own type";
            case IrOp.Equal or IrOp.LessThan or IrOp.LessOrEqual:
                return node.Type == IrType.Bool && TypeOf(node.A) == TypeOf(node.B) && TypeOf(node.A) != IrType.Bool ? null : "compares two numbers of one type into a bool";
            case IrOp.Select:
                return TypeOf(node.A) == IrType.Bool && Same(TypeOf(node.B), TypeOf(node.C), node.Type) ? null : "wants a bool and two values of its own type";
            case IrOp.Convert:
                return TypeOf(node.A) != node.Type ? null : "converts a value to the type it has";
            case IrOp.Bitcast:
                return TypeOf(node.A) != node.Type && TypeOf(node.A).Size() == node.Type.Size() ? null : "casts bits between two types of one size";
            case IrOp.TableLookup:
                return TypeOf(node.A) == IrType.Int32 && node.Immediate >= 0 && node.Immediate < kernel.Tables.Length ? null : "wants an i32 index and an existing table";
            default:
                return "is no known primitive";
        }
    }

    private static bool Same(IrType a, IrType b, IrType c) => a == b && b == c;

    private static string? CheckArgument(KernelIr kernel, IrNode node, ArgumentKind kind) =>
        node.Immediate < 0 || node.Immediate >= kernel.Arguments.Length ? $"names argument @{node.Immediate} of {kernel.Arguments.Length}"
        : kernel.Arguments[(int)node.Immediate].Kind != kind ? $"wants an argument of kind {kind}, got {kernel.Arguments[(int)node.Immediate].Kind}"
        : null;
}
