using System.Diagnostics;
using Fuser.Kernels;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Benchmarks.Planning;

/// <summary>What one graph cost, in seconds of the processor's time.</summary>
/// <param name="Kept">Bytes of the graph, its plan and its kernels after the run.</param>
internal sealed record PlanningSample(int Steps, int Kernels, double Parse, double Normalise, double Plan, double Compile, double Run, long Kept)
{
    public double Total => Parse + Normalise + Plan + Compile + Run;

    /// <summary>Fused kernels are compiled for vectors, single operations for the fallback's interpreter.</summary>
    public static PlanningSample Take(string text, FusionMode mode)
    {
        FuserValue[] inputs = [NdArray.From([.. Enumerable.Range(0, 16).Select(i => (i % 5) - 1.5f)], 4, 4)];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (graph, parse) = Timed(() => GraphText.Parse(text));
        var (normalised, normalise) = Timed(() => Normaliser.Normalise(graph));
        var (plan, planned) = Timed(() => Partitioner.Plan(normalised, inputs, mode));
        var (compiled, compile) = Timed(() => KernelCompiler.CompilePlan(plan, mode == FusionMode.Fused ? SimdTarget.Best : InterpreterTarget.Instance));
        var (_, run) = Timed(() => compiled.Run(inputs));
        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(graph);
        GC.KeepAlive(compiled);
        return new PlanningSample(plan.Steps.Length, compiled.Kernels.Distinct().Count(), parse, normalise, planned, compile, run, Math.Max(0, kept));
    }

    private static (T Result, double Seconds) Timed<T>(Func<T> work)
    {
        using var process = Process.GetCurrentProcess();
        var start = process.TotalProcessorTime;
        var result = work();
        process.Refresh();
        return (result, (process.TotalProcessorTime - start).TotalSeconds);
    }
}
