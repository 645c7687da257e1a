using Fuser.Kernels.Devices.Reductions;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Lowering;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices;

/// <summary>How often a kernel with reductions goes over its rows, and whether they stay in a cache meanwhile.</summary>
internal sealed class RowSweeps
{
    /// <summary>The second-level cache of a core that is reckoned with; a guess that is right or too low for today's server processors.</summary>
    public const long CacheBytes = 1L << 20;

    private readonly int[] _timesRead;

    private RowSweeps(StagedKernelIr ir, RowNest nest, int[] timesRead)
    {
        Ir = ir;
        Walk = nest.Walk;
        (Rows, RowLength) = (nest.Rows.Count, nest.Elements.Count);
        _timesRead = timesRead;
    }

    public StagedKernelIr Ir { get; }

    public KernelWalk Walk { get; }

    public long Rows { get; }

    /// <summary>Elements of a row.</summary>
    public long RowLength { get; }

    /// <summary>Sweeps over the elements of a row.</summary>
    public int Count => Ir.Stages.Count(stage => stage.Kind == StageKind.Sweep);

    /// <summary>Bytes a thread works on before it begins the next sweep over them: its inputs, outputs, and what is kept between.</summary>
    public long BytesTogether { get; private init; }

    /// <summary>Whether the rows are a device's, which keeps nothing between sweeps and has many rows under way at once.</summary>
    public bool IsOnDevice { get; private init; }

    /// <summary>Whether what is read again is still in the cache; nothing is read again in a single sweep.</summary>
    public bool FitsCache => Count <= 1 || (!IsOnDevice && BytesTogether <= CacheBytes);

    /// <summary>Bytes of what a sweep leaves for later ones, over all rows.</summary>
    public long KeptBytesWritten { get; private init; }

    /// <summary>What later sweeps read of it, all together.</summary>
    public long KeptBytesRead { get; private init; }

    /// <summary>Sweeps that read an array, by its number among those the kernel reads; what is read per row is read once.</summary>
    public int TimesRead(int array) => Math.Max(1, _timesRead[array]);

    /// <summary>The sweeps of a group; null for one without reductions.</summary>
    /// <param name="isOnDevice">As <see cref="IsOnDevice"/>.</param>
    public static RowSweeps? Of(Specialisation specialisation, bool isOnDevice = false)
    {
        if (specialisation.Rows is not { } nest)
        {
            return null;
        }

        var ir = StagedLowering.Lower(specialisation.Spec, specialisation.Arguments, keeps: !isOnDevice);
        var sweeps = ir.Stages.Where(stage => stage.Kind == StageKind.Sweep).Select(sweep => sweep.Arguments.Concat(sweep.Reductions.Select(reduction => reduction.Source)).ToHashSet()).ToList();
        int Times(OperandPlace place, int index) => sweeps.Count(sweep => sweep.Contains(new StageOperand(place, index)));
        var group = specialisation.Group;
        long perElement = ir.Kept.Sum(type => (long)type.Size());
        var times = new List<int>();
        for (var i = 0; i < group.Inputs.Length + group.Outputs.Length; i++)
        {
            var storage = i >= group.Inputs.Length ? group.Outputs[i - group.Inputs.Length].Storage : (group.Inputs[i] as TensorInput)?.Storage;
            if (storage is not { } dtype)
            {
                continue;
            }

            var swept = nest.IsPerRow(i) ? 0 : Times(OperandPlace.Argument, i);
            perElement += swept > 0 ? dtype.ItemSize() : 0;
            if (i < group.Inputs.Length)
            {
                times.Add(swept);
            }
        }

        // The sweep that leaves a value is among those that name it.
        var elements = MemorySizes.Exact(nest.Rows.Count, nest.Elements.Count);
        var taken = ir.Kept.Select((type, i) => (long)type.Size() * (Times(OperandPlace.Kept, i) - 1)).Sum();
        return new RowSweeps(ir, nest, [.. times])
        {
            IsOnDevice = isOnDevice,
            BytesTogether = MemorySizes.Exact(new ReductionLaunch(specialisation).ElementsTogether(ir), perElement),
            KeptBytesWritten = MemorySizes.Exact(elements, ir.Kept.Sum(type => (long)type.Size())),
            KeptBytesRead = MemorySizes.Exact(elements, taken),
        };
    }
}
