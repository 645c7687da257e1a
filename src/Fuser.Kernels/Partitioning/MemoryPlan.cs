using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>
/// Where the temporaries of a plan lie in one block of memory. A temporary lives from the first step that writes any part of it to the last step that reads or
/// writes any; temporaries that do not live at the same time may lie in the same place. What a step reads and what it writes never share: a step may
/// run in any order, on several threads. Memory of the caller's is no part of this, nor are results that a call has to compute elsewhere and copy, because they overlap an input.
/// </summary>
internal sealed class MemoryPlan
{
    private MemoryPlan(ImmutableArray<PackedBuffer> temporaries, ImmutableArray<long> offsets, long peakBytes, long totalBytes)
    {
        Temporaries = temporaries;
        Offsets = offsets;
        PeakBytes = peakBytes;
        TotalBytes = totalBytes;
    }

    /// <summary>The temporaries that are used, with their lives.</summary>
    public ImmutableArray<PackedBuffer> Temporaries { get; }

    /// <summary>Per buffer of the plan where it begins in the block, in whole cache lines; 0 for what is not in it.</summary>
    public ImmutableArray<long> Offsets { get; }

    /// <summary>Size of the block: what a call needs for temporaries.</summary>
    public long PeakBytes { get; }

    /// <summary>What it would need if every temporary had memory of its own.</summary>
    public long TotalBytes { get; }

    public static MemoryPlan Of(ImmutableArray<PlanBuffer> buffers, ImmutableArray<PlanStep> steps, ImmutableArray<FusionGroup> groups)
    {
        var (first, last) = (new int[buffers.Length], new int[buffers.Length]);
        Array.Fill(first, -1);
        for (var step = 0; step < steps.Length; step++)
        {
            var access = StepAccess.Of(steps[step], groups);
            foreach (var (buffer, _, _) in access.Reads.Concat(access.Writes))
            {
                first[buffer] = first[buffer] < 0 ? step : first[buffer];
                last[buffer] = step;
            }
        }

        var temporaries = new List<PackedBuffer>();
        for (var i = 0; i < buffers.Length; i++)
        {
            if (buffers[i].Kind == BufferKind.Temporary && first[i] >= 0)
            {
                temporaries.Add(new PackedBuffer(i, BytesOf(buffers[i]), first[i], last[i]));
            }
        }

        var offsets = new long[buffers.Length];
        var peak = MemoryPacking.Place(temporaries, offsets);
        return new MemoryPlan([.. temporaries], ImmutableArray.Create(offsets), peak, temporaries.Aggregate(0L, (sum, temporary) => MemorySizes.Sum(sum, temporary.Bytes)));
    }

    private static long BytesOf(PlanBuffer buffer) => MemorySizes.WholeLines(Shapes.ElementCount(buffer.Shape.AsSpan()), buffer.Storage.ItemSize());
}
