using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Programs;

/// <summary>
/// A tensor between two plans. A 16-bit float that a plan computed is kept as float32, unrounded, as it is between two kernels of one plan;
/// then <see cref="DType"/> says what the graph calls it.
/// </summary>
internal sealed class ProgramTensor
{
    /// <param name="storage">What a region made; null for an array of the caller's.</param>
    public ProgramTensor(NdArray array, DType? dtype = null, ProgramStorage? storage = null)
    {
        Array = array;
        DType = dtype ?? array.DType;
        Storage = storage;
    }

    /// <summary>A tensor that a region made.</summary>
    public static ProgramTensor Made(NdArray array, DType? dtype = null) => new(array, dtype, new ProgramStorage(array));

    public NdArray Array { get; }

    public DType DType { get; }

    public ProgramStorage? Storage { get; }

    /// <summary>Whether it is all of what a region made, and no view of it: such a result is handed out without a copy.</summary>
    public bool IsOwn => ReferenceEquals(Storage?.Array, Array);

    public ImmutableArray<long> Shape => Array.Shape;

    /// <summary>Whether it is a 16-bit float kept as float32.</summary>
    public bool IsUnrounded => DType != Array.DType;

    /// <summary>The same elements, or some of them, with another layout.</summary>
    public ProgramTensor WithLayout(TensorLayout layout) => new(Array.WithLayout(layout), DType, Storage);
}
