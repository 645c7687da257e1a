using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;

namespace Fuser.Kernels.Devices.Reductions;

/// <summary>Launches of groups with reductions, along rows or across them; both give the same bits.</summary>
internal sealed unsafe class ReductionLaunch : GroupLaunch
{
    private readonly AlongRows? _along;
    private readonly AlongRows? _alongInPlace;
    private readonly AcrossRows? _across;

    public ReductionLaunch(Specialisation specialisation)
    {
        var (nest, arguments) = (specialisation.Rows!, RowArgument.Of(specialisation));
        if (nest.Walk == KernelWalk.AlongRows)
        {
            _along = new AlongRows(nest, arguments, inPlace: false);
            _alongInPlace = AlongRows.LieTogether(arguments) ? new AlongRows(nest, arguments, inPlace: true) : _along;
        }
        else
        {
            _across = new AcrossRows(nest, arguments);
        }
    }

    /// <summary>Elements that a thread goes over before it begins the next sweep over them: they should stay in a cache.</summary>
    public long ElementsTogether(StagedKernelIr ir) => _along?.ElementsTogether ?? _across!.ElementsTogether(ir);

    protected override void RunAll(CompiledKernel kernel, byte** buffers, long* numbers, long seed, int threads)
    {
        var call = new RowCall((StagedKernel)kernel, buffers, numbers, &seed);
        if (_along is not null)
        {
            (call.Kernel.OnlyReduces ? _alongInPlace! : _along).Run(call, threads, ParallelWork);
        }
        else
        {
            _across!.Run(call, threads, ParallelWork);
        }
    }
}

/// <summary>What one call brings along; valid while it runs.</summary>
internal readonly unsafe struct RowCall(StagedKernel kernel, byte** buffers, long* numbers, long* seed)
{
    public StagedKernel Kernel { get; } = kernel;

    public byte** Buffers { get; } = buffers;

    public long* Numbers { get; } = numbers;

    public long* Seed { get; } = seed;
}
