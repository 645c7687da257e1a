using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Fuser.Kernels.Ir.Evaluation;

/// <summary>
/// The meaning of every primitive, as plainly as it can be written: one loop per primitive over a block of
/// elements. The interpreter target runs it over kernels, the builder over constants; every other target
/// must give the same bits. A value's block holds its elements in the type's own size (bool: one byte, 0 or 1).
/// </summary>
internal static class Evaluator
{
    /// <summary>Evaluates a primitive other than load, store, scalar and index over blocks of equal length.</summary>
    public static void Evaluate(IrNode node, IrType operandType, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, Span<byte> result, ImmutableArray<ImmutableArray<ulong>> tables)
    {
        switch (node.Op)
        {
            case IrOp.Constant:
                Fill(node, result);
                break;
            case IrOp.Add or IrOp.Subtract or IrOp.Multiply or IrOp.Divide or IrOp.Remainder:
                switch (operandType)
                {
                    case IrType.Int32: IntegerArithmetic.Evaluate<int>(node.Op, As<int>(a), As<int>(b), As<int>(result)); break;
                    case IrType.Int64: IntegerArithmetic.Evaluate<long>(node.Op, As<long>(a), As<long>(b), As<long>(result)); break;
                    case IrType.Float32: FloatArithmetic.Evaluate<float>(node.Op, As<float>(a), As<float>(b), As<float>(result)); break;
                    default: FloatArithmetic.Evaluate<double>(node.Op, As<double>(a), As<double>(b), As<double>(result)); break;
                }

                break;
            case IrOp.SquareRoot or IrOp.Floor or IrOp.Round or IrOp.Truncate:
                if (operandType == IrType.Float32)
                {
                    FloatArithmetic.EvaluateUnary<float>(node.Op, As<float>(a), As<float>(result));
                }
                else
                {
                    FloatArithmetic.EvaluateUnary<double>(node.Op, As<double>(a), As<double>(result));
                }

                break;
            case IrOp.FusedMultiplyAdd:
                if (operandType == IrType.Float32)
                {
                    FloatArithmetic.MultiplyAdd<float>(As<float>(a), As<float>(b), As<float>(c), As<float>(result));
                }
                else
                {
                    FloatArithmetic.MultiplyAdd<double>(As<double>(a), As<double>(b), As<double>(c), As<double>(result));
                }

                break;
            case IrOp.And or IrOp.Or or IrOp.Xor or IrOp.ShiftLeft or IrOp.ShiftRight or IrOp.ShiftRightLogical:
                switch (operandType)
                {
                    case IrType.Bool: Bits.Evaluate(node.Op, a, b, result); break;
                    case IrType.Int32: Bits.Evaluate(node.Op, As<int>(a), As<int>(b), As<int>(result)); break;
                    default: Bits.Evaluate(node.Op, As<long>(a), As<long>(b), As<long>(result)); break;
                }

                break;
            case IrOp.Equal or IrOp.LessThan or IrOp.LessOrEqual:
                switch (operandType)
                {
                    case IrType.Int32: Comparison.Evaluate<int>(node.Op, As<int>(a), As<int>(b), result); break;
                    case IrType.Int64: Comparison.Evaluate<long>(node.Op, As<long>(a), As<long>(b), result); break;
                    case IrType.Float32: Comparison.Evaluate<float>(node.Op, As<float>(a), As<float>(b), result); break;
                    default: Comparison.Evaluate<double>(node.Op, As<double>(a), As<double>(b), result); break;
                }

                break;
            case IrOp.Select:
                switch (node.Type.Size())
                {
                    case 1: Selection.Evaluate<byte>(a, b, c, result); break;
                    case 4: Selection.Evaluate<int>(a, As<int>(b), As<int>(c), As<int>(result)); break;
                    default: Selection.Evaluate<long>(a, As<long>(b), As<long>(c), As<long>(result)); break;
                }

                break;
            case IrOp.Convert:
                Conversion.Evaluate(operandType, node.Type, a, result);
                break;
            case IrOp.Bitcast:
                a.CopyTo(result);
                break;
            case IrOp.TableLookup:
                Selection.Lookup(tables[(int)node.Immediate], As<int>(a), node.Type, result);
                break;
            default:
                throw new InternalFuserException(ErrorCodes.Internal, $"{node.Op} has no value to evaluate");
        }
    }

    /// <summary>The bits of a primitive applied to constants.</summary>
    public static ulong Fold(IrNode node, IrNode a, IrNode b, IrNode c)
    {
        Span<long> operands = [a.Immediate, b.Immediate, c.Immediate, 0];
        var bytes = MemoryMarshal.AsBytes(operands);
        var operandType = node.Op == IrOp.Select ? node.Type : a.Type;
        Evaluate(node, operandType, bytes[..a.Type.Size()], bytes.Slice(8, b.Type.Size()), bytes.Slice(16, c.Type.Size()), bytes.Slice(24, node.Type.Size()), []);
        return (ulong)operands[3];
    }

    private static void Fill(IrNode node, Span<byte> result)
    {
        switch (node.Type.Size())
        {
            case 1: result.Fill((byte)node.Immediate); break;
            case 4: As<int>(result).Fill((int)node.Immediate); break;
            default: As<long>(result).Fill(node.Immediate); break;
        }
    }

    private static ReadOnlySpan<T> As<T>(ReadOnlySpan<byte> block)
        where T : struct => MemoryMarshal.Cast<byte, T>(block);

    private static Span<T> As<T>(Span<byte> block)
        where T : struct => MemoryMarshal.Cast<byte, T>(block);
}
