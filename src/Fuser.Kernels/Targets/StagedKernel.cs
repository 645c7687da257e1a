using System.Collections.Immutable;
using System.Text;
using Fuser.Kernels.Ir.Stages;

namespace Fuser.Kernels.Targets;

/// <summary>Code of a kernel with reductions: that of each stage, and what combines.</summary>
internal sealed class StagedKernel : CompiledKernel
{
    private StagedKernel(StagedKernelIr ir, ImmutableArray<ElementwiseKernel?> stages, ImmutableArray<ImmutableArray<Combiner>> combiners)
        : base(new TimeSpan(stages.Sum(stage => stage?.CompileTime.Ticks ?? 0)))
    {
        Ir = ir;
        Stages = stages;
        Combiners = combiners;
        NodeCount = ir.NodeCount;
        OnlyReduces = ir.Stages.All(stage => stage.Kind == StageKind.PerRow || stage.Kernel is null);
    }

    public StagedKernelIr Ir { get; }

    /// <summary>One per stage; null where it computes nothing.</summary>
    public ImmutableArray<ElementwiseKernel?> Stages { get; }

    /// <summary>Per stage, one for each of its reductions.</summary>
    public ImmutableArray<ImmutableArray<Combiner>> Combiners { get; }

    public override int NodeCount { get; }

    /// <summary>Whether sweeps only combine what is in memory already.</summary>
    public bool OnlyReduces { get; }

    public override long CodeBytes => Stages.Sum(stage => stage?.CodeBytes ?? 0);

    public override string Listing
    {
        get
        {
            var text = new StringBuilder();
            for (var i = 0; i < Stages.Length; i++)
            {
                text.Append($"stage {i}, {(Ir.Stages[i].Kind == StageKind.Sweep ? "for every element" : "once per row")}:\n{Stages[i]?.Listing ?? "nothing to compute\n"}\n");
            }

            return text.ToString();
        }
    }

    /// <summary>Compiles the stages for a target that runs in host memory.</summary>
    public static StagedKernel Compile(StagedKernelIr ir, IKernelTarget target, CancellationToken cancellationToken) => new(
        ir,
        ImmutableArray.CreateRange(ir.Stages, stage => stage.Kernel is null ? null : target.Compile(stage.Kernel, cancellationToken)),
        ImmutableArray.CreateRange(ir.Stages, stage => ImmutableArray.CreateRange(stage.Reductions, reduction => target.Combiner(reduction.Kind, reduction.Type))));
}
