using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices;

/// <summary>
/// Bytes that a step moves between memory and processor. An element that is read in many places counts once, as a broadcast one does; strided views count the elements they
/// touch and not what lies between. Of a table that is looked up in, no more is counted than the result has. A kernel with reductions reads again what its sweeps cannot keep in a cache.
/// </summary>
internal readonly record struct StepTraffic(long BytesRead, long BytesWritten)
{
    public static StepTraffic operator +(StepTraffic a, StepTraffic b) => new(MemorySizes.Sum(a.BytesRead, b.BytesRead), MemorySizes.Sum(a.BytesWritten, b.BytesWritten));

    /// <param name="sweeps">Of a step with reductions; null for any other.</param>
    public static StepTraffic Of(PlanStep step, GraphPlan plan, RowSweeps? sweeps)
    {
        var access = StepAccess.Of(step, plan.Groups);
        if (step is RoutineStep { Routine: Lookup })
        {
            return OfLookup(access);
        }

        var traffic = new StepTraffic(Unique(access.Reads, _ => 1), Unique(access.Writes, _ => 1));
        if (sweeps is null || sweeps.FitsCache)
        {
            return traffic;
        }

        // Arrays are numbered as the kernel's arguments; those of the group's inputs that lie in memory come first among them.
        var read = Unique(access.Reads, sweeps.TimesRead);
        return new StepTraffic(MemorySizes.Sum(read, sweeps.KeptBytesRead), MemorySizes.Sum(traffic.BytesWritten, sweeps.KeptBytesWritten));
    }

    /// <summary>Which elements are taken the indices say, but there are no more of them than the result has.</summary>
    private static StepTraffic OfLookup(StepAccess access)
    {
        var (table, result) = (access.Reads[0], access.Writes[0]);
        var taken = Math.Min(Unique([table], _ => 1), MemorySizes.Exact(result.Layout.ElementCount, table.Storage.ItemSize()));
        return new StepTraffic(MemorySizes.Sum(taken, Unique(access.Reads.RemoveAt(0), _ => 1)), Unique(access.Writes, _ => 1));
    }

    /// <summary>Several views of one buffer may share elements: together they have no more than lie between their first and last.</summary>
    private static long Unique(IEnumerable<MemoryAccess> accesses, Func<int, int> times)
    {
        long bytes = 0;
        foreach (var buffer in accesses.Select((access, i) => (Access: access, Times: times(i))).Where(use => use.Access.Layout.ElementCount > 0).GroupBy(use => use.Access.Buffer))
        {
            Int128 elements = 0, lowest = Int128.MaxValue, highest = Int128.MinValue;
            foreach (var (access, count) in buffer)
            {
                var extent = access.Layout.Extent;
                elements += Int128.Min(Touched(access.Layout), extent.Highest - extent.Lowest + 1) * count;
                (lowest, highest) = (Int128.Min(lowest, extent.Lowest), Int128.Max(highest, extent.Highest));
            }

            elements = Int128.Min(elements, (highest - lowest + 1) * buffer.Max(use => use.Times));
            bytes = MemorySizes.Sum(bytes, MemorySizes.Exact(long.CreateSaturating(elements), buffer.First().Access.Storage.ItemSize()));
        }

        return bytes;
    }

    private static Int128 Touched(TensorLayout layout)
    {
        Int128 elements = 1;
        for (var axis = 0; axis < layout.Rank; axis++)
        {
            elements *= layout.Strides[axis] == 0 ? 1 : layout.Sizes[axis];
        }

        return elements;
    }
}
