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

    /// <summary>Largest first, each with the smallest whose others live at other times: so a buffer is as large as its first, and little is wasted.</summary>
    public static DeviceMemoryPlan Of(ImmutableArray<PlanBuffer> buffers, MemoryPlan memory)
    {
        var places = new int[buffers.Length];
        Array.Fill(places, -1);
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

        return new DeviceMemoryPlan(ImmutableCollectionsMarshal.AsImmutableArray(places), [.. shared.Select(others => others[0].Bytes)]);
    }
}
