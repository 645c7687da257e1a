using System.Collections.Immutable;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Programs;

/// <summary>
/// Memory that regions of one run write to. What no slot leads to any more is written to again, so that a loop goes on in the memory of
/// its first trips.
/// </summary>
/// <param name="expect">Told how many bytes a run is going to hold, before it does; throws when it may not. Null when nobody counts.</param>
internal sealed class ProgramMemory(Action<long>? expect = null)
{
    /// <summary>Arrays kept for the next region that has a use for them; where shapes change on every trip, none does.</summary>
    private const int MostFree = 16;

    private readonly List<NdArray> _free = [];
    private long _held;

    /// <summary>Whether somebody counts: then <see cref="Expect"/> has to be called before a region runs, and <see cref="Count"/> with what it made.</summary>
    public bool IsCounted => expect is not null;

    /// <summary>Says what a region is about to take beside what the run holds: a loop may grow what it carries to any size.</summary>
    /// <param name="bytes">What the region needs, results included.</param>
    public void Expect(long bytes) => expect?.Invoke(MemorySizes.Sum(_held, bytes));

    /// <summary>Counts new results among what the run holds, until they are returned; what lists may hold stays to the end.</summary>
    public void Count(ImmutableArray<NdArray> results) => _held = results.Aggregate(_held, static (sum, array) => MemorySizes.Sum(sum, BytesOf(array)));

    /// <summary>Row-major arrays for a plan's outputs; the elements are anything.</summary>
    public NdArray[] Take(ImmutableArray<PlanOutput> outputs)
    {
        var arrays = new NdArray[outputs.Length];
        for (var i = 0; i < arrays.Length; i++)
        {
            arrays[i] = Take(outputs[i].DType, outputs[i].Shape);
        }

        return arrays;
    }

    public void Return(NdArray array)
    {
        if (IsCounted)
        {
            // Kept, it would count without being of use to other requests.
            _held -= BytesOf(array);
            return;
        }

        if (_free.Count == MostFree)
        {
            _free.RemoveAt(0);
        }

        _free.Add(array);
    }

    private NdArray Take(DType dtype, ImmutableArray<long> shape)
    {
        for (var i = _free.Count - 1; i >= 0; i--)
        {
            var array = _free[i];
            if (array.DType == dtype && array.Shape.AsSpan().SequenceEqual(shape.AsSpan()))
            {
                _free.RemoveAt(i);
                return array;
            }
        }

        return NdArray.Allocate(dtype, shape);
    }

    private static long BytesOf(NdArray array) => MemorySizes.Exact(array.ElementCount, array.DType.ItemSize());
}

/// <summary>An array that a region made, and how many slots lead to it, by views too.</summary>
internal sealed class ProgramStorage(NdArray array)
{
    public NdArray Array { get; } = array;

    public int Slots { get; set; }

    /// <summary>Whether a list or tuple may hold it as well: then it is never written to again.</summary>
    public bool IsShared { get; set; }
}
