using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Targets.Ptx;

/// <summary>Prints primitives as instructions that mean exactly them. Constants are operands, as bits.</summary>
/// <param name="fault">Register with the address of the fault word; null when the kernel divides no integers.</param>
internal sealed class PtxPrimitives(PtxWriter writer, KernelIr ir, string? fault)
{
    /// <summary>The node's value: a register, or a constant.</summary>
    public string Emit(IrNode node, string a, string b, string c)
    {
        var (type, operands) = (node.Type, node.A >= 0 ? ir.Nodes[node.A].Type : node.Type);
        var suffix = Suffix(type);
        switch (node.Op)
        {
            case IrOp.Constant: return Constant(type, node.Immediate);
            case IrOp.Add: return writer.Emit($"add{Rounding(type)}.{suffix}", type, $"{a}, {b}");
            case IrOp.Subtract: return writer.Emit($"sub{Rounding(type)}.{suffix}", type, $"{a}, {b}");
            case IrOp.Multiply: return writer.Emit($"mul{(type.IsFloat() ? ".rn" : ".lo")}.{suffix}", type, $"{a}, {b}");
            case IrOp.Divide when type.IsFloat(): return writer.Emit($"div.rn.{suffix}", type, $"{a}, {b}");
            case IrOp.Remainder when type.IsFloat(): return PtxRemainder.Emit(writer, type, a, b);
            case IrOp.Divide or IrOp.Remainder: return Divide(node, a, b);
            case IrOp.FusedMultiplyAdd: return writer.Emit($"fma.rn.{suffix}", type, $"{a}, {b}, {c}");
            case IrOp.SquareRoot: return writer.Emit($"sqrt.rn.{suffix}", type, a);
            case IrOp.Floor: return writer.Emit($"cvt.rmi.{suffix}.{suffix}", type, a);
            case IrOp.Round: return writer.Emit($"cvt.rni.{suffix}.{suffix}", type, a);
            case IrOp.Truncate: return writer.Emit($"cvt.rzi.{suffix}.{suffix}", type, a);
            case IrOp.And or IrOp.Or or IrOp.Xor: return writer.Emit($"{node.Op.ToString().ToLowerInvariant()}.{Bits(type)}", type, $"{a}, {b}");
            case IrOp.ShiftLeft: return writer.Emit($"shl.{Bits(type)}", type, $"{a}, {Count(type, b)}");
            case IrOp.ShiftRight: return writer.Emit($"shr.{suffix}", type, $"{a}, {Count(type, b)}");
            case IrOp.ShiftRightLogical: return writer.Emit($"shr.u{type.Size() * 8}", type, $"{a}, {Count(type, b)}");
            case IrOp.Equal: return Compare("eq", operands, a, b);
            case IrOp.LessThan: return Compare("lt", operands, a, b);
            case IrOp.LessOrEqual: return Compare("le", operands, a, b);
            case IrOp.Select: return Select(type, a, b, c);
            case IrOp.Convert: return Convert(operands, type, a);
            case IrOp.Bitcast: return writer.Emit($"mov.b{type.Size() * 8}", type, a);
            case IrOp.TableLookup: return Lookup(node, a);
            default: throw new InternalFuserException(ErrorCodes.Internal, $"{node.Op} has no form in PTX");
        }
    }

    /// <summary>Arithmetic's type suffix.</summary>
    public static string Suffix(IrType type) => $"{(type.IsFloat() ? "f" : "s")}{type.Size() * 8}";

    private static string Bits(IrType type) => type == IrType.Bool ? "pred" : $"b{type.Size() * 8}";

    /// <summary>Without it the assembler may fuse a multiplication with what follows.</summary>
    private static string Rounding(IrType type) => type.IsFloat() ? ".rn" : "";

    private string Constant(IrType type, long bits)
    {
        if (type != IrType.Bool)
        {
            return type switch
            {
                IrType.Int32 => $"0x{(uint)bits:x8}",
                IrType.Int64 => $"0x{bits:x16}",
                IrType.Float32 => $"0f{(uint)bits:X8}",
                _ => $"0d{bits:X16}",
            };
        }

        var isTrue = writer.New(IrType.Bool);
        writer.Emit($"setp.ne.s32 {isTrue}, {writer.Emit("mov.b32", IrType.Int32, bits != 0 ? "1" : "0")}, 0");
        return isTrue;
    }

    /// <summary>Shifts by more than the width give 0 in PTX; the primitive takes the count modulo the width, as a 32-bit number.</summary>
    private string Count(IrType type, string count)
    {
        var narrow = type == IrType.Int32 ? count : count[0] == '%' ? writer.Emit("cvt.u32.u64", IrType.Int32, count) : $"0x{count[^8..]}";
        return narrow[0] == '%' ? writer.Emit("and.b32", IrType.Int32, $"{narrow}, {(type.Size() * 8) - 1}") : $"{System.Convert.ToUInt32(narrow, 16) & (uint)((type.Size() * 8) - 1)}";
    }

    private string Compare(string comparison, IrType type, string a, string b)
    {
        var result = writer.New(IrType.Bool);
        writer.Emit($"setp.{comparison}.{Suffix(type)} {result}, {Register(type, a)}, {b}");
        return result;
    }

    private string Select(IrType type, string condition, string whenTrue, string whenFalse)
    {
        if (type != IrType.Bool)
        {
            return writer.Emit($"selp.{(type.IsFloat() ? "f" : "b")}{type.Size() * 8}", type, $"{whenTrue}, {whenFalse}, {condition}");
        }

        var first = writer.Emit("and.pred", IrType.Bool, $"{condition}, {whenTrue}");
        var second = writer.Emit("and.pred", IrType.Bool, $"{writer.Emit("not.pred", IrType.Bool, condition)}, {whenFalse}");
        return writer.Emit("or.pred", IrType.Bool, $"{first}, {second}");
    }

    /// <summary>A divisor of zero sets the fault word, and divides by 1 so that nothing undefined happens; so does -1, by which MIN wraps.</summary>
    private string Divide(IrNode node, string a, string b)
    {
        var (type, suffix) = (node.Type, Suffix(node.Type));
        var divisor = Register(type, b);
        var (isZero, isMinusOne) = (Compare("eq", type, divisor, "0"), Compare("eq", type, divisor, "-1"));
        writer.Emit($"@{isZero} st.global.u32 [{fault}], {writer.Emit("mov.b32", IrType.Int32, "1")}");
        var isEither = writer.Emit("or.pred", IrType.Bool, $"{isZero}, {isMinusOne}");
        var safe = writer.Emit($"selp.b{type.Size() * 8}", type, $"1, {divisor}, {isEither}");
        if (node.Op == IrOp.Remainder)
        {
            return writer.Emit($"rem.{suffix}", type, $"{a}, {safe}");
        }

        var quotient = writer.Emit($"div.{suffix}", type, $"{a}, {safe}");
        var negated = writer.Emit($"sub.{suffix}", type, $"0, {a}");
        return writer.Emit($"selp.b{type.Size() * 8}", type, $"{negated}, {quotient}, {isMinusOne}");
    }

    private string Convert(IrType from, IrType to, string a)
    {
        if (to == IrType.Bool)
        {
            var isTrue = writer.New(IrType.Bool);
            writer.Emit($"setp.{(from.IsFloat() ? "neu" : "ne")}.{Suffix(from)} {isTrue}, {Register(from, a)}, {(from.IsFloat() ? Constant(from, 0) : "0")}");
            return isTrue;
        }

        if (from == IrType.Bool)
        {
            var one = to switch { IrType.Float32 => 0x3f800000, IrType.Float64 => 0x3ff0000000000000, _ => 1 };
            return Select(to, a, Constant(to, one), Constant(to, 0));
        }

        if (from.IsFloat() && to.IsInteger())
        {
            // The instruction saturates; what it makes of NaN depends on the types.
            var value = writer.Emit($"cvt.rzi.{Suffix(to)}.{Suffix(from)}", to, a);
            return Select(to, Compare("nan", from, a, a), "0", value);
        }

        return (from, to) switch
        {
            (IrType.Int64, IrType.Int32) => writer.Emit("cvt.u32.u64", to, a),
            (IrType.Int32, IrType.Int64) => writer.Emit("cvt.s64.s32", to, a),
            (IrType.Float32, IrType.Float64) => writer.Emit("cvt.f64.f32", to, a),
            _ => writer.Emit($"cvt.rn.{Suffix(to)}.{Suffix(from)}", to, a),
        };
    }

    private string Lookup(IrNode node, string index)
    {
        var table = writer.Emit("mov.u64", IrType.Int64, PtxTables.Name(ir, (int)node.Immediate, node.Type));
        var address = writer.Emit("mad.wide.s32", IrType.Int64, $"{Register(IrType.Int32, index)}, {node.Type.Size()}, {table}");
        return writer.Emit($"ld.global.nc.{(node.Type.IsFloat() ? "f" : "b")}{node.Type.Size() * 8}", node.Type, $"[{address}]");
    }

    private string Register(IrType type, string value) =>
        value[0] == '%' ? value : writer.Emit($"mov.{(type.IsFloat() ? "f" : "b")}{type.Size() * 8}", type, value);
}
