using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;

namespace Fuser.Kernels.Targets.Ptx;

/// <summary>Instructions that combine the values of a reduction, and move them between registers and memory.</summary>
/// <param name="value">Type of the values.</param>
internal sealed class PtxCombining(PtxWriter writer, PtxPrimitives primitives, ReductionKind kind, IrType value)
{
    public IrType Value => value;

    /// <summary>How what came of some values is combined.</summary>
    public PtxCombining OfResults => Result == value ? this : new PtxCombining(writer, primitives, kind, Result);

    public IrType Result { get; } = Reduction.ResultOf(kind, value);

    /// <summary>What fills a row up; see <see cref="ReductionIdentity"/>.</summary>
    public string OrIdentity(string isThere, string valueOfElement) =>
        primitives.Emit(new IrNode(IrOp.Select, value), isThere, valueOfElement, primitives.Emit(new IrNode(IrOp.Constant, value, Immediate: ReductionIdentity.Bits(kind, value)), "", "", ""));

    /// <summary>A value as a result.</summary>
    public string Widened(string valueOfElement) => Result == value ? valueOfElement : writer.Emit("cvt.f64.f32", Result, valueOfElement);

    /// <summary>A power of two of results made one.</summary>
    public string Tree(ReadOnlySpan<string> results) => results.Length == 1 ? results[0]
        : Combine(Tree(results[..(results.Length / 2)]), Tree(results[(results.Length / 2)..]));

    public string Combine(string a, string b)
    {
        switch (kind)
        {
            case ReductionKind.Sum or ReductionKind.Product:
                return primitives.Emit(new IrNode(kind == ReductionKind.Sum ? IrOp.Add : IrOp.Multiply, Result), a, b, "");
            case var _ when Result == IrType.Bool:
                return primitives.Emit(new IrNode(kind == ReductionKind.Maximum ? IrOp.Or : IrOp.And, Result), a, b, "");
        }

        var isFirst = kind == ReductionKind.Maximum ? primitives.Emit(new IrNode(IrOp.LessThan, Result), b, a, "") : primitives.Emit(new IrNode(IrOp.LessThan, Result), a, b, "");
        if (Result.IsFloat())
        {
            var isNaN = writer.New(IrType.Bool);
            writer.Emit($"setp.nan.{PtxPrimitives.Suffix(Result)} {isNaN}, {a}, {a}");
            isFirst = writer.Emit("or.pred", IrType.Bool, $"{isFirst}, {isNaN}");
        }

        return primitives.Emit(new IrNode(IrOp.Select, Result), isFirst, a, b);
    }

    /// <summary>Puts one value into the register of another.</summary>
    public static void Move(PtxWriter writer, IrType type, string to, string from) => writer.Emit($"mov.{(type == IrType.Bool ? "pred" : Untyped(type))} {to}, {from}");

    /// <summary>Truth values lie in 4 bytes, as 0 and 1.</summary>
    public static void Store(PtxWriter writer, string space, IrType type, string address, string register)
    {
        var stored = type == IrType.Bool ? writer.Emit("selp.u32", IrType.Int32, $"1, 0, {register}") : register;
        writer.Emit($"st.{space}.{Untyped(type)} [{address}], {stored}");
    }

    public static string Load(PtxWriter writer, string space, IrType type, string address)
    {
        if (type != IrType.Bool)
        {
            return writer.Emit($"ld.{space}.{Untyped(type)}", type, $"[{address}]");
        }

        var isTrue = writer.New(IrType.Bool);
        writer.Emit($"setp.ne.s32 {isTrue}, {writer.Emit($"ld.{space}.b32", IrType.Int32, $"[{address}]")}, 0");
        return isTrue;
    }

    private static string Untyped(IrType type) => type switch
    {
        IrType.Bool or IrType.Int32 => "b32",
        IrType.Int64 => "b64",
        IrType.Float32 => "f32",
        _ => "f64",
    };
}
