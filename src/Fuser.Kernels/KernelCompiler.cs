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
    /// <param name="cancellationToken">Observed in every stage.</param>
    /// <exception cref="FuserException">The graph or the inputs are wrong; the message says where.</exception>
    /// <exception cref="OperationCanceledException">Whoever asked gave up.</exception>
    public static CompiledGraph Compile(Graph graph, ReadOnlySpan<FuserValue> inputs, IKernelTarget target, FusionMode mode = FusionMode.Fused, CancellationToken cancellationToken = default)
    {
        NormalisedGraph normalised = Normaliser.Normalise(graph, cancellationToken);
        return GraphProgram.Of(normalised) is { } program
            ? new CompiledGraph(new CompiledProgram(program, target, mode))
            : CompilePlan(normalised, inputs, target, mode, cancellationToken);
    }

    /// <summary>A graph, or a region of a program, that is one plan.</summary>
    public static CompiledGraph CompilePlan(NormalisedGraph normalised, ReadOnlySpan<FuserValue> inputs, IKernelTarget target, FusionMode mode, CancellationToken cancellationToken = default) =>
        CompilePlan(Partitioner.Plan(normalised, inputs, mode, cancellationToken), target, cancellationToken);

    /// <summary>The kernels of a plan; groups that are the same but for what they are bound to have one.</summary>
    public static CompiledGraph CompilePlan(GraphPlan plan, IKernelTarget target, CancellationToken cancellationToken = default)
    {
        ImmutableArray<Specialisation> specialisations = Specialisation.OfAll(plan.Groups, _ => target.Fingerprint, cancellationToken);
        var known = new Dictionary<(KernelSpec, ArgSpec), CompiledKernel>();
        var launches = ImmutableArray.CreateBuilder<GroupLaunch>(plan.Groups.Length);
        var kernels = ImmutableArray.CreateBuilder<CompiledKernel>(plan.Groups.Length);
        foreach (Specialisation specialisation in specialisations)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!known.TryGetValue((specialisation.Spec, specialisation.Arguments), out CompiledKernel? kernel))
            {
                kernel = CompileKernel(specialisation.Spec, specialisation.Arguments, target, cancellationToken);
                known.Add((specialisation.Spec, specialisation.Arguments), kernel);
            }

            kernels.Add(kernel);
            launches.Add(GroupLaunch.Of(specialisation));
        }

        return new CompiledGraph(new PlanRunner(plan, launches.MoveToImmutable()), kernels.MoveToImmutable());
    }

    /// <summary>The part that is cached: one kernel, from its two-level key.</summary>
    /// <exception cref="CompileException">The target cannot compile it.</exception>
    /// <exception cref="OperationCanceledException">Nobody wants the kernel any more; observed between methods of its code.</exception>
    public static CompiledKernel CompileKernel(KernelSpec spec, ArgSpec arguments, IKernelTarget target, CancellationToken cancellationToken = default)
    {
        if (arguments.Walk == KernelWalk.Elements)
        {
            KernelIr ir = GroupLowering.Lower(spec, arguments, cancellationToken);
            return target.Compile(ir, cancellationToken);
        }

        StagedKernelIr stages = StagedLowering.Lower(spec, arguments, target.KeepsBetweenSweeps, cancellationToken);
        return target.CompileStages(stages, cancellationToken);
    }

    /// <summary>The IR of one kernel, for a reader.</summary>
    public static string IrText(KernelSpec spec, ArgSpec arguments, IKernelTarget target) => arguments.Walk == KernelWalk.Elements
        ? GroupLowering.Lower(spec, arguments).ToString()
        : StagedLowering.Lower(spec, arguments, target.KeepsBetweenSweeps).ToString();
}
