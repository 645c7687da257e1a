using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Devices.Accelerators;

/// <summary>Pairs of arrays for every way of walking: rows that a wide access fits, rows that it does not, columns, what repeats, what goes backwards, what starts at an odd element.</summary>
internal static class Walks
{
    public static (NdArray X, NdArray Y)[] All =>
    [
        (Programs.Range(1003), Programs.Range(1003)),
        (Programs.Range(1003), Programs.Range(1)),
        (Programs.Range(37, 64), Programs.Range(64)),
        (Programs.Range(37, 64), Programs.Range(37, 1)),
        (Programs.Range(37, 61), Programs.Range(61)),
        (Programs.Range(5, 1, 7, 3), Programs.Range(6, 1, 3)),
        (Programs.Range(4, 3, 32), Programs.Range(4, 1, 32)),
        (Transposed(Programs.Range(48, 32)), Programs.Range(32, 48)),
        (From(Programs.Range(1000), 3, 900, 1), Programs.Range(900)),
        (From(Programs.Range(1000), 4, 300, 3), From(Programs.Range(1000), 999, 300, -2)),
        (Programs.Range(), Programs.Range()),
    ];

    private static NdArray Transposed(NdArray array) =>
        NdArray.From(array.ToArray<float>(), DType.Float32, new TensorLayout([array.Shape[1], array.Shape[0]], [1, array.Shape[1]]));

    private static NdArray From(NdArray array, long offset, long count, long stride) => NdArray.From(array.ToArray<float>(), DType.Float32, new TensorLayout([count], [stride], offset));
}
