namespace Fuser.Kernels.Tensors;

/// <summary>The element types a tensor can have. Names and meanings are PyTorch's.</summary>
public enum DType
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>Unsigned 8-bit integer; arithmetic wraps.</summary>
    UInt8,

    /// <summary>Signed 8-bit integer; arithmetic wraps.</summary>
    Int8,

    /// <summary>Signed 16-bit integer; arithmetic wraps.</summary>
    Int16,

    /// <summary>Signed 32-bit integer; arithmetic wraps.</summary>
    Int32,

    /// <summary>Signed 64-bit integer; arithmetic wraps.</summary>
    Int64,

    /// <summary>IEEE binary16: a storage format, computed with in float32 and rounded once when stored.</summary>
    Float16,

    /// <summary>bfloat16: a storage format, computed with in float32 and rounded once when stored.</summary>
    BFloat16,

    /// <summary>IEEE binary32.</summary>
    Float32,

    /// <summary>IEEE binary64.</summary>
    Float64,
}
