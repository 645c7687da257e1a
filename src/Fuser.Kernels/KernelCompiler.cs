using System.Collections.Immutable;
using Fuser.Kernels.Devices;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Lowering;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Programs;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels;

/// <summary>
/// The compiler, from a graph to code that runs. <see cref="Compile"/> is the whole way of the data, top to bottom; the actors
/// take the same steps one by one, with a cache between each two.
/// </summary>
internal static class KernelCompiler
{
    /// <exception cref="FuserException">The graph or the inputs are wrong; the message says where.</exception>
    public static CompiledGraph Compile(Graph graph, ReadOnlySpan<FuserValue> inputs, IKernelTarget target, FusionMode mode = FusionMode.Fused)
    {
        NormalisedGraph normalised = Normaliser.Normalise(graph);
        return GraphProgram.Of(normalised) is { } program
            ? new CompiledGraph(new CompiledProgram(program, target, mode))
            : CompilePlan(normalised, inputs, target, mode);
    }

    /// <summary>A graph, or a region of a program, that is one plan.</summary>
    public static CompiledGraph CompilePlan(NormalisedGraph normalised, ReadOnlySpan<FuserValue> inputs, IKernelTarget target, FusionMode mode)
    {
        GraphPlan plan = Partitioner.Plan(normalised, inputs, mode);
        var launches = ImmutableArray.CreateBuilder<GroupLaunch>(plan.Groups.Length);
        var kernels = ImmutableArray.CreateBuilder<CompiledKernel>(plan.Groups.Length);
        foreach (FusionGroup group in plan.Groups)
        {
            Specialisation specialisation = Specialisation.Of(group, target.Fingerprint);
            kernels.Add(CompileKernel(specialisation.Spec, specialisation.Arguments, target));
            launches.Add(GroupLaunch.Of(specialisation));
        }

        return new CompiledGraph(new PlanRunner(plan, launches.MoveToImmutable()), kernels.MoveToImmutable());
    }

    /// <summary>The part that is cached: one kernel, from its two-level key.</summary>
    /// <exception cref="CompileException">The target cannot compile it.</exception>
    public static CompiledKernel CompileKernel(KernelSpec spec, ArgSpec arguments, IKernelTarget target)
    {
        if (arguments.Walk == KernelWalk.Elements)
        {
            KernelIr ir = GroupLowering.Lower(spec, arguments);
            return target.Compile(ir);
        }

        StagedKernelIr stages = StagedLowering.Lower(spec, arguments, target.KeepsBetweenSweeps);
        return target.CompileStages(stages);
    }

    /// <summary>The IR of one kernel, for a reader.</summary>
    public static string IrText(KernelSpec spec, ArgSpec arguments, IKernelTarget target) => arguments.Walk == KernelWalk.Elements
        ? GroupLowering.Lower(spec, arguments).ToString()
        : StagedLowering.Lower(spec, arguments, target.KeepsBetweenSweeps).ToString();
}
