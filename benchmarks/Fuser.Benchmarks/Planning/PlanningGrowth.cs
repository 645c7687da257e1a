using System.Diagnostics;
using Fuser.Kernels;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Benchmarks.Planning;

/// <summary>What each stage from text to result costs, for graphs of growing size.</summary>
internal static class PlanningGrowth
{
    public static void Run(string[] arguments)
    {
        int[] sizes = arguments.Length > 0 ? [.. arguments[0].Split(',').Select(int.Parse)] : [1_000, 3_000, 10_000, 30_000, 100_000];
        var mode = arguments.Contains("unfused") ? FusionMode.Unfused : FusionMode.Fused;
        foreach (var (name, text) in PlanningShapes.All)
        {
            if (arguments.Length > 1 && !arguments.Contains(name) && mode == FusionMode.Fused) continue;
            foreach (var size in sizes)
            {
                var source = text(size);
                var before = GC.GetTotalMemory(true);
                var clock = new List<double>();
                T Timed<T>(Func<T> work)
                {
                    var start = Process.GetCurrentProcess().TotalProcessorTime;
                    var result = work();
                    clock.Add((Process.GetCurrentProcess().TotalProcessorTime - start).TotalMilliseconds);
                    return result;
                }

                FuserValue[] inputs = [NdArray.From(Enumerable.Range(0, 24).Select(i => (float)(i % 5) - 1.5f).ToArray(), 4, 6)];
                var graph = Timed(() => GraphText.Parse(source));
                var normalised = Timed(() => Normaliser.Normalise(graph));
                var plan = Timed(() => Partitioner.Plan(normalised, inputs, mode));
                var compiled = Timed(() => KernelCompiler.CompilePlan(normalised, inputs, SimdTarget.Best, mode));
                var outputs = Timed(() => compiled.Run(inputs));
                Console.WriteLine($"{name,-24} {size,7} nodes {plan.Steps.Length,6} steps  {string.Join(" ", clock.Select(ms => $"{ms,8:0}"))}  kept {(GC.GetTotalMemory(true) - before) / 1048576.0,7:0.0} MiB");
                GC.KeepAlive(outputs); GC.KeepAlive(compiled); GC.KeepAlive(plan); GC.KeepAlive(graph);
            }
        }
    }
}
