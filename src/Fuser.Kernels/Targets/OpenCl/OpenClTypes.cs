using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.OpenCl;

/// <summary>Names of types in OpenCL C, and constants as bits.</summary>
internal static class OpenClTypes
{
    /// <summary>How elements lie in memory. The 16-bit floats are their bits: what they mean is arithmetic of the kernel.</summary>
    public static string Storage(DType dtype) => dtype switch
    {
        DType.Bool or DType.UInt8 => "uchar",
        DType.Int8 => "char",
        DType.Int16 => "short",
        DType.Float16 or DType.BFloat16 => "ushort",
        DType.Int32 => "int",
        DType.Int64 => "long",
        DType.Float32 => "float",
        _ => "double",
    };

    public static string Value(IrType type) => type switch
    {
        IrType.Bool => "bool",
        IrType.Int32 => "int",
        IrType.Int64 => "long",
        IrType.Float32 => "float",
        _ => "double",
    };

    public static string Constant(IrType type, long bits) => type switch
    {
        IrType.Bool => bits != 0 ? "true" : "false",
        IrType.Int32 => $"(int)0x{(uint)bits:x8}u",
        IrType.Int64 => $"(long)0x{bits:x16}ul",
        IrType.Float32 => $"as_float(0x{(uint)bits:x8}u)",
        _ => $"as_double(0x{bits:x16}ul)",
    };
}
