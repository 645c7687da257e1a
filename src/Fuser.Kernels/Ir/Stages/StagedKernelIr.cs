using System.Collections.Immutable;
using System.Text;

namespace Fuser.Kernels.Ir.Stages;

/// <summary>
/// A kernel with reductions, as every target receives it. It works on rows: for each row it goes over all elements once per sweep, and does once per row
/// what stands between sweeps. What a sweep or the work between is, is an ordinary <see cref="KernelIr"/>; how the elements of a
/// row are combined is the fixed tree of <see cref="Evaluation.ReductionTree"/>. Which elements make a row belongs to the launcher.
/// </summary>
/// <param name="Arguments">The arguments of the whole kernel.</param>
/// <param name="Stages">In the order in which they run for a row.</param>
/// <param name="Kept">Types of values that a sweep leaves for later ones, one per element of the row.</param>
/// <param name="RowValues">Types of values there is one of per row.</param>
/// <param name="IsPerRow">Per argument, whether there is one value of it per row.</param>
internal sealed record StagedKernelIr(
    string Name,
    ImmutableArray<KernelArgument> Arguments,
    ImmutableArray<Stage> Stages,
    ImmutableArray<IrType> Kept,
    ImmutableArray<IrType> RowValues,
    ImmutableArray<bool> IsPerRow)
{
    /// <summary>Nodes of all stages: how much work an element is, roughly.</summary>
    public int NodeCount => Stages.Sum(stage => (stage.Kernel?.Nodes.Length ?? 0) + stage.Reductions.Length);

    public override string ToString()
    {
        var text = new StringBuilder($"staged kernel {Name}, {Stages.Count(stage => stage.Kind == StageKind.Sweep)} sweeps\n");
        foreach (var stage in Stages)
        {
            text.Append(stage.Kind == StageKind.Sweep ? "sweep over the elements of a row" : "once per row");
            text.Append($"({string.Join(", ", stage.Arguments)})\n");
            if (stage.Kernel is not null)
            {
                text.Append(stage.Kernel).Append('\n');
            }

            foreach (var reduction in stage.Reductions)
            {
                text.Append($"row {reduction.RowValue} = {reduction.Kind.ToString().ToLowerInvariant()} of {reduction.Source} : {reduction.Type.Text()}\n");
            }
        }

        return text.ToString();
    }
}

/// <summary>How often a stage runs.</summary>
internal enum StageKind
{
    /// <summary>For every element of the row.</summary>
    Sweep,

    /// <summary>Once per row.</summary>
    PerRow,
}

/// <summary>One stage.</summary>
/// <param name="Kernel">What it computes for one element or row; null when a sweep only combines what is in memory already.</param>
/// <param name="Arguments">What each argument of <paramref name="Kernel"/> is.</param>
/// <param name="Reductions">What is combined over the row at the end of a sweep.</param>
internal sealed record Stage(StageKind Kind, KernelIr? Kernel, ImmutableArray<StageOperand> Arguments, ImmutableArray<Reduction> Reductions);

/// <summary>Where an operand of a stage is.</summary>
internal enum OperandPlace
{
    /// <summary>An argument of the whole kernel.</summary>
    Argument,

    /// <summary>A value kept per element between sweeps.</summary>
    Kept,

    /// <summary>A value per row.</summary>
    Row,

    /// <summary>A value per element that only the reductions of this sweep read.</summary>
    Combined,
}

/// <summary>An operand of a stage, by its number among those of its place.</summary>
internal readonly record struct StageOperand(OperandPlace Place, int Index)
{
    public override string ToString() => $"{Place.ToString().ToLowerInvariant()} {Index}";
}

/// <summary>The elements of a row made one value.</summary>
/// <param name="Type">That of the values.</param>
/// <param name="Source">A value per element.</param>
/// <param name="RowValue">Where the result goes, which has the type that <see cref="ResultOf"/> says.</param>
internal readonly record struct Reduction(ReductionKind Kind, IrType Type, StageOperand Source, int RowValue)
{
    /// <summary>The type a reduction is made in: values become it before they are combined. Sums of float32 are made in float64.</summary>
    public static IrType ResultOf(ReductionKind kind, IrType type) => kind == ReductionKind.Sum && type == IrType.Float32 ? IrType.Float64 : type;
}
