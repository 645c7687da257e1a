using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>
/// Which temporaries of a plan take turns with the same buffer of a device. The host packs them into one block, at offsets; here that would ask for one buffer, of which drivers allow less than they have
/// memory, and for parts of buffers, which have rules of their own. Commands of a run are done in order, so a buffer is free for the next one as soon as its last reader was enqueued.
/// </summary>
internal sealed class DeviceMemoryPlan
{
    private DeviceMemoryPlan(ImmutableArray<int> places, ImmutableArray<long> sizes) => (Places, Sizes) = (places, sizes);

    /// <summary>Per buffer of the plan the number of the device's; -1 for what is no temporary, or none that is used.</summary>
    public ImmutableArray<int> Places { get; }

    /// <summary>Bytes of each of the device's buffers.</summary>
    public ImmutableArray<long> Sizes { get; }

    /// <summary>What a run needs for temporaries.</summary>
    public long Bytes => Sizes.Aggregate(0L, MemorySizes.Sum);

    public static DeviceMemoryPlan Of(ImmutableArray<PlanBuffer> buffers, MemoryPlan memory)
    {
        var places = new int[buffers.Length];
        Array.Fill(places, -1);
        var sizes = memory.Temporaries.Length <= MemoryPacking.MostCompared ? ShareLargestFirst(memory, places) : ShareInOrder(memory, places);
        return new DeviceMemoryPlan(ImmutableCollectionsMarshal.AsImmutableArray(places), sizes);
    }

    /// <summary>Each with the smallest whose others live at other times: so a buffer is as large as its first, and little is wasted.</summary>
    private static ImmutableArray<long> ShareLargestFirst(MemoryPlan memory, int[] places)
    {
        var shared = new List<List<PackedBuffer>>();
        foreach (var temporary in memory.Temporaries.OrderByDescending(temporary => temporary.Bytes).ThenBy(temporary => temporary.First).ThenBy(temporary => temporary.Buffer))
        {
            var place = shared.FindLastIndex(others => !others.Exists(other => other.LivesWith(temporary)));
            if (place < 0)
            {
                place = shared.Count;
                shared.Add([]);
            }

            shared[place].Add(temporary);
            places[temporary.Buffer] = place;
        }

        return [.. shared.Select(others => others[0].Bytes)];
    }

    /// <summary>In the order of the steps, each in the smallest buffer that is free by then and large enough: does not compare every two.</summary>
    private static ImmutableArray<long> ShareInOrder(MemoryPlan memory, int[] places)
    {
        var sizes = ImmutableArray.CreateBuilder<long>();
        var free = new SortedSet<(long Bytes, int Place)>();
        var living = new PriorityQueue<int, int>();
        foreach (var temporary in memory.Temporaries.OrderBy(temporary => temporary.First).ThenByDescending(temporary => temporary.Bytes))
        {
            while (living.TryPeek(out var ended, out var last) && last < temporary.First)
            {
                living.Dequeue();
                free.Add((sizes[ended], ended));
            }

            // Without any the smallest is the default, which no buffer in use is as small as.
            var (bytes, place) = free.GetViewBetween((temporary.Bytes, 0), (long.MaxValue, int.MaxValue)).Min;
            if (!free.Remove((bytes, place)))
            {
                place = sizes.Count;
                sizes.Add(temporary.Bytes);
            }

            places[temporary.Buffer] = place;
            living.Enqueue(place, temporary.Last);
        }

        return sizes.ToImmutable();
    }
}
