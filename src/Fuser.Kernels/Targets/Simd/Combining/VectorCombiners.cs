using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;

namespace Fuser.Kernels.Targets.Simd.Combining;

/// <summary>The table: kind and type -> the code that combines.</summary>
internal static class VectorCombiners
{
    public static Combiner Of(ReductionKind kind, IrType type) => type switch
    {
        IrType.Float32 when kind == ReductionKind.Sum => new VectorWideSum(),
        IrType.Int32 => Of<int>(kind),
        IrType.Int64 => Of<long>(kind),
        IrType.Float32 => Of<float>(kind),
        IrType.Float64 => Of<double>(kind),
        _ => throw new InternalFuserException(ErrorCodes.Internal, $"{type.Text()} is not combined"),
    };

    private static Combiner Of<T>(ReductionKind kind)
        where T : unmanaged, System.Numerics.INumber<T> => kind switch
        {
            ReductionKind.Sum => new VectorCombiner<T, Sum<T>>(),
            ReductionKind.Product => new VectorCombiner<T, Product<T>>(),
            ReductionKind.Maximum => new VectorCombiner<T, Maximum<T>>(),
            _ => new VectorCombiner<T, Minimum<T>>(),
        };
}
