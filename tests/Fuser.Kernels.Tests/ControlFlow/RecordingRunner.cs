using System.Collections.Immutable;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Programs;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.ControlFlow;

/// <summary>Runs regions on the interpreter and notes which arrays they were given to write to.</summary>
internal sealed class RecordingRunner(HashSet<NdArray> written) : IRegionRunner
{
    public int Runs { get; private set; }

    public ValueTask<ImmutableArray<NdArray>> RunAsync(RegionGraph region, ReadOnlyMemory<FuserValue> inputs, long seed, ProgramMemory memory)
    {
        Runs++;
        var compiled = KernelCompiler.CompilePlan(region.Graph, inputs.Span, InterpreterTarget.Instance, FusionMode.Fused);
        var outputs = memory.Take(compiled.Runner.Plan.Outputs);
        foreach (var input in inputs.Span)
        {
            outputs.ShouldNotContain(output => input.Kind == FuserValueKind.Array && ReferenceEquals(input.Array, output), "an array that is read is written");
        }

        compiled.Runner.Run(inputs.Span, outputs, compiled.Kernels.AsSpan(), seed, 1);
        written.UnionWith(outputs);
        return ValueTask.FromResult(ImmutableArray.Create(outputs));
    }

    public ValueTask BeforeTripAsync() => ValueTask.CompletedTask;
}
