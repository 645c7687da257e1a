using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Ir;

/// <summary>
/// The types a value has inside a kernel. Narrow integers are computed with in <see cref="Int32"/> and
/// wrapped by the lowering; the 16-bit floats are computed with in <see cref="Float32"/>.
/// </summary>
internal enum IrType
{
    Bool,
    Int32,
    Int64,
    Float32,
    Float64,
}

internal static class IrTypes
{
    public static int Size(this IrType type) => type switch
    {
        IrType.Bool => 1,
        IrType.Int32 or IrType.Float32 => 4,
        _ => 8,
    };

    public static bool IsFloat(this IrType type) => type >= IrType.Float32;

    public static bool IsInteger(this IrType type) => type is IrType.Int32 or IrType.Int64;

    /// <summary>
    /// What a <see cref="IrOp.Load"/> of the storage type yields and a <see cref="IrOp.Store"/> takes. The
    /// 16-bit floats come and go as their raw bits, zero-extended: turning them into numbers is arithmetic
    /// (<c>Ir/Math/HalfFormats</c>), proved once for all targets.
    /// </summary>
    public static IrType OfStorage(DType dtype) => dtype switch
    {
        DType.Bool => IrType.Bool,
        DType.Int64 => IrType.Int64,
        DType.Float32 => IrType.Float32,
        DType.Float64 => IrType.Float64,
        _ => IrType.Int32,
    };

    /// <summary>How values of the type are kept in memory between stages of a kernel.</summary>
    public static DType StorageOf(this IrType type) => type switch
    {
        IrType.Bool => DType.Bool,
        IrType.Int32 => DType.Int32,
        IrType.Int64 => DType.Int64,
        IrType.Float32 => DType.Float32,
        _ => DType.Float64,
    };

    /// <summary>The type arithmetic on the dtype is done in.</summary>
    public static IrType OfCompute(DType dtype) => dtype.IsHalf() ? IrType.Float32 : OfStorage(dtype);

    public static string Text(this IrType type) => type switch
    {
        IrType.Bool => "i1",
        IrType.Int32 => "i32",
        IrType.Int64 => "i64",
        IrType.Float32 => "f32",
        _ => "f64",
    };
}
