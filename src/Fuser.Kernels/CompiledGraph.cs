using System.Collections.Immutable;
using Fuser.Kernels.Devices;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels;

/// <summary>A graph compiled for one signature, ready to run any number of times.</summary>
internal sealed class CompiledGraph(PlanRunner runner, ImmutableArray<CompiledKernel> kernels)
{
    public PlanRunner Runner { get; } = runner;

    /// <summary>One per group of the plan.</summary>
    public ImmutableArray<CompiledKernel> Kernels { get; } = kernels;

    public ImmutableArray<NdArray> Run(ReadOnlySpan<FuserValue> inputs, long seed = 0, int threads = 1) =>
        Runner.Run(inputs, Kernels.AsSpan(), seed, threads);
}
