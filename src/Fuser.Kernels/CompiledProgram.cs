using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Programs;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels;

/// <summary>A program with the kernels of its regions, each compiled when a run first comes to it with inputs of its signature.</summary>
internal sealed class CompiledProgram(GraphProgram program, IKernelTarget target, FusionMode mode)
{
    /// <summary>Signatures remembered for one region.</summary>
    private const int MaxPlans = 16;

    private readonly IKernelTarget _target = target;
    private readonly FusionMode _mode = mode;

    public GraphProgram Program { get; } = program;

    /// <summary>Runs on this thread.</summary>
    /// <exception cref="FuserException">The inputs do not fit, a kernel failed, or the graph raised an error of its own.</exception>
    /// <exception cref="OperationCanceledException">Observed between the trips of a loop, while plans are made and kernels compiled, and between steps.</exception>
    public ImmutableArray<NdArray> Run(ReadOnlySpan<FuserValue> inputs, long seed, int threads, CancellationToken cancellationToken)
    {
        var run = RunAsync(inputs.ToArray(), new Runner(this, threads, cancellationToken), seed);
        return run.IsCompleted
            ? run.GetAwaiter().GetResult()
            : throw new InternalFuserException(ErrorCodes.Internal, "a runner that never waits left a run unfinished");
    }

    private async ValueTask<ImmutableArray<NdArray>> RunAsync(FuserValue[] inputs, Runner runner, long seed)
    {
        var memory = new ProgramMemory();
        var results = await ProgramRun.RunAsync(Program, inputs, runner, memory, seed).ConfigureAwait(false);
        return await ProgramOutputs.AllocateAsync(Program, results, runner, memory).ConfigureAwait(false);
    }

    private sealed class Runner(CompiledProgram program, int threads, CancellationToken cancellationToken) : IRegionRunner
    {
        public ValueTask<ImmutableArray<NdArray>> RunAsync(RegionGraph region, ReadOnlyMemory<FuserValue> inputs, long seed, ProgramMemory memory)
        {
            var plans = region.State(_ => new List<CompiledGraph>());
            CompiledGraph? compiled;
            lock (plans)
            {
                compiled = plans.Find(known => known.Runner.Plan.Signature.Matches(inputs.Span));
                if (compiled is null)
                {
                    compiled = KernelCompiler.CompilePlan(region.Graph, inputs.Span, program._target, program._mode, cancellationToken);
                    plans.Insert(0, compiled);
                    plans.RemoveRange(Math.Min(plans.Count, MaxPlans), Math.Max(0, plans.Count - MaxPlans));
                }
            }

            var outputs = memory.Take(compiled.Runner.Plan.Outputs);
            compiled.Runner.Run(inputs.Span, outputs, compiled.Kernels.AsSpan(), seed, threads, cancellationToken);
            return ValueTask.FromResult(ImmutableCollectionsMarshal.AsImmutableArray(outputs));
        }

        public ValueTask BeforeTripAsync()
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ValueTask.CompletedTask;
        }
    }
}
