namespace Fuser.Kernels.Tensors;

/// <summary>Facts about <see cref="DType"/> values.</summary>
public static class DTypeExtensions
{
    /// <summary>Bytes one element takes in memory.</summary>
    public static int ItemSize(this DType dtype) => dtype switch
    {
        DType.Bool or DType.UInt8 or DType.Int8 => 1,
        DType.Int16 or DType.Float16 or DType.BFloat16 => 2,
        DType.Int32 or DType.Float32 => 4,
        _ => 8,
    };

    /// <summary>Whether the type is one of the four floating point formats.</summary>
    public static bool IsFloatingPoint(this DType dtype) => dtype >= DType.Float16;

    /// <summary>Whether the type is an integer of any width (bool is not).</summary>
    public static bool IsInteger(this DType dtype) => dtype is > DType.Bool and < DType.Float16;

    /// <summary>Whether values of the type are kept in 16 bits but computed with in float32.</summary>
    public static bool IsHalf(this DType dtype) => dtype is DType.Float16 or DType.BFloat16;

    /// <summary>The name used in messages, on the command line and by NumPy, e.g. <c>float32</c>.</summary>
    public static string DisplayName(this DType dtype) => dtype switch
    {
        DType.Bool => "bool",
        DType.UInt8 => "uint8",
        DType.Int8 => "int8",
        DType.Int16 => "int16",
        DType.Int32 => "int32",
        DType.Int64 => "int64",
        DType.Float16 => "float16",
        DType.BFloat16 => "bfloat16",
        DType.Float32 => "float32",
        _ => "float64",
    };

    /// <summary>
    /// The integer by which a TorchScript graph names a dtype (<c>c10::ScalarType</c>), as in
    /// <c>aten::to(%x, 6, ...)</c>; null when the code names a type that is not supported.
    /// </summary>
    public static DType? FromTorchCode(long code) => code switch
    {
        0 => DType.UInt8,
        1 => DType.Int8,
        2 => DType.Int16,
        3 => DType.Int32,
        4 => DType.Int64,
        5 => DType.Float16,
        6 => DType.Float32,
        7 => DType.Float64,
        11 => DType.Bool,
        15 => DType.BFloat16,
        _ => null,
    };

    /// <summary>The inverse of <see cref="FromTorchCode"/>.</summary>
    public static int TorchCode(this DType dtype) => dtype switch
    {
        DType.UInt8 => 0,
        DType.Int8 => 1,
        DType.Int16 => 2,
        DType.Int32 => 3,
        DType.Int64 => 4,
        DType.Float16 => 5,
        DType.Float32 => 6,
        DType.Float64 => 7,
        DType.Bool => 11,
        _ => 15,
    };
}
