using Fuser.Compare.Workloads;
using Fuser.Kernels.Tensors;

namespace Fuser.Gpu.Measuring;

/// <summary>A workload's inputs in the host's memory.</summary>
internal static class HostArrays
{
    public static IEnumerable<NdArray> Inputs(IEnumerable<ArraySpec> arrays) => arrays.Where(array => array.Kind != ArrayKind.Output).Select(Fill);

    public static DType TypeOf(ElementType type) => type switch
    {
        ElementType.U8 => DType.UInt8,
        ElementType.F16 => DType.Float16,
        ElementType.F32 => DType.Float32,
        _ => DType.Float64,
    };

    /// <summary>The layout a graph sees: of a transposed array the axes are swapped.</summary>
    public static TensorLayout Seen(ArraySpec array, TensorLayout inMemory) =>
        array.Kind == ArrayKind.Transposed ? new TensorLayout([.. inMemory.Sizes.Reverse()], [.. inMemory.Strides.Reverse()]) : inMemory;

    private static unsafe NdArray Fill(ArraySpec spec, int number)
    {
        var array = NdArray.Allocate(TypeOf(spec.Type), [.. spec.Shape]);
        using (var pin = array.Pin())
        {
            InputValues.Fill(spec, number, (byte*)pin.Pointer);
        }

        return array.WithLayout(Seen(spec, array.Layout));
    }
}
