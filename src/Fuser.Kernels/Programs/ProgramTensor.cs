using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Programs;

/// <summary>
/// A tensor between two plans. A 16-bit float that a plan computed is kept as float32, unrounded, as it is between two kernels of one plan;
/// then <see cref="DType"/> says what the graph calls it.
/// </summary>
internal sealed class ProgramTensor
{
    public ProgramTensor(NdArray array, DType? dtype = null, bool isOwn = false)
    {
        Array = array;
        DType = dtype ?? array.DType;
        IsOwn = isOwn;
    }

    public NdArray Array { get; }

    public DType DType { get; }

    /// <summary>Whether a plan made the array for this value, and nobody else has a view of all of it: such a result is handed out without a copy.</summary>
    public bool IsOwn { get; }

    public ImmutableArray<long> Shape => Array.Shape;

    /// <summary>Whether it is a 16-bit float kept as float32.</summary>
    public bool IsUnrounded => DType != Array.DType;

    /// <summary>The same elements, or some of them, with another layout.</summary>
    public ProgramTensor WithLayout(TensorLayout layout) => new(Array.WithLayout(layout), DType);
}
