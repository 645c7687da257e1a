using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Programs;

/// <summary>The one element of a tensor as a number.</summary>
internal static class TensorElement
{
    /// <param name="arguments">The tensor is the first.</param>
    /// <param name="rounded">Whether a 16-bit float is rounded first, as it is by every cast to what is no float.</param>
    /// <exception cref="GraphException">The tensor has another number of elements.</exception>
    public static FuserValue Read(HostArguments arguments, bool rounded = false)
    {
        var tensor = arguments.Tensor(0);
        if (tensor.Array.ElementCount != 1)
        {
            throw arguments.Error(ErrorCodes.InvalidShape, $"{arguments[0]} has {tensor.Array.ElementCount} elements, wanted exactly 1 to read as a number. Reduce or index it first.");
        }

        var array = tensor.Array;
        var number = array.DType switch
        {
            DType.Bool => array.ToArray<bool>()[0],
            DType.UInt8 => (long)array.ToArray<byte>()[0],
            DType.Int8 => (long)array.ToArray<sbyte>()[0],
            DType.Int16 => (long)array.ToArray<short>()[0],
            DType.Int32 => (long)array.ToArray<int>()[0],
            DType.Int64 => array.ToArray<long>()[0],
            DType.Float16 => (double)array.ToArray<Half>()[0],
            DType.BFloat16 => (double)(float)array.ToArray<BFloat16>()[0],
            DType.Float32 => (double)array.ToArray<float>()[0],
            _ => (FuserValue)array.ToArray<double>()[0],
        };
        return (rounded && tensor.IsUnrounded, tensor.DType) switch
        {
            (true, DType.Float16) => (double)(Half)number.Float,
            (true, DType.BFloat16) => (double)(float)(BFloat16)(float)number.Float,
            _ => number,
        };
    }
}
