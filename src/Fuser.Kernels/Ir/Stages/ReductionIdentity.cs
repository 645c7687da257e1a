namespace Fuser.Kernels.Ir.Stages;

/// <summary>
/// What combined with a value on its right changes no bit of it. A row that is filled up with it to any length has the same tree: what moves up
/// alone is combined with this instead.
/// </summary>
internal static class ReductionIdentity
{
    /// <summary>The bits of a value of the type. Of sums it is -0: 0 would make one of -0.</summary>
    public static long Bits(ReductionKind kind, IrType type) => (kind, type) switch
    {
        (ReductionKind.Sum, IrType.Float32) => 0x80000000,
        (ReductionKind.Sum, IrType.Float64) => long.MinValue,
        (ReductionKind.Sum, _) => 0,
        (ReductionKind.Product, IrType.Float32) => 0x3f800000,
        (ReductionKind.Product, IrType.Float64) => 0x3ff0000000000000,
        (ReductionKind.Product, _) => 1,
        (ReductionKind.Maximum, IrType.Float32) => 0xff800000,
        (ReductionKind.Maximum, IrType.Float64) => unchecked((long)0xfff0000000000000),
        (ReductionKind.Maximum, IrType.Int32) => int.MinValue,
        (ReductionKind.Maximum, IrType.Int64) => long.MinValue,
        (ReductionKind.Maximum, _) => 0,
        (_, IrType.Float32) => 0x7f800000,
        (_, IrType.Float64) => 0x7ff0000000000000,
        (_, IrType.Int32) => int.MaxValue,
        (_, IrType.Int64) => long.MaxValue,
        _ => 1,
    };
}
