using System.Collections.Immutable;
using Fuser.Kernels.Devices;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels;

/// <summary>A graph compiled for one signature, or, where it has control flow, one that compiles its regions as it meets them; ready to run any number of times.</summary>
internal sealed class CompiledGraph
{
    private readonly PlanRunner? _runner;
    private readonly CompiledProgram? _program;

    public CompiledGraph(PlanRunner runner, ImmutableArray<CompiledKernel> kernels)
    {
        _runner = runner;
        Kernels = kernels;
    }

    public CompiledGraph(CompiledProgram program) => _program = program;

    /// <summary>What runs the one plan of a graph without control flow.</summary>
    public PlanRunner Runner => _runner ?? throw new InvalidOperationException("a graph with control flow has a plan per region, and no plan of its own");

    /// <summary>One per group of the plan; none for a graph with control flow.</summary>
    public ImmutableArray<CompiledKernel> Kernels { get; } = [];

    public ImmutableArray<NdArray> Run(ReadOnlySpan<FuserValue> inputs, long seed = 0, int threads = 1, CancellationToken cancellationToken = default) => _program is { } program
        ? program.Run(inputs, seed, threads, cancellationToken)
        : Runner.Run(inputs, Kernels.AsSpan(), seed, threads, cancellationToken);
}
