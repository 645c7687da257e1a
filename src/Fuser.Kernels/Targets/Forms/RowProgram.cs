using System.Collections.Immutable;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Ir.Stages;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.Forms;

/// <summary>
/// A kernel with reductions made ready to be printed for a device: its stages with one list of arguments and one of tables, and the passes that run them. Nothing is kept between
/// sweeps. The arguments of every stage are those of the whole kernel, then the values per row, then what the reductions of a sweep combine.
/// </summary>
internal sealed class RowProgram
{
    /// <summary>Room in the memory of a group that every device has.</summary>
    private const int GroupBytes = 32 << 10;

    private const int LargestBlock = 8;

    /// <summary>A lane's values are read by itself and lie one apart from its neighbour's more than there are: so no two lanes meet in a bank of the memory.</summary>
    private const int Gap = 1;

    /// <summary>Values that are combined at once where lanes put theirs together.</summary>
    public const int Joined = 8;

    /// <summary>Nodes times elements of a block above which a block is made smaller.</summary>
    private const int MostCopiedNodes = 1_024;

    private RowProgram(StagedKernelIr ir, RowForm form)
    {
        (Source, Form) = (ir, form);
        var tables = ImmutableArray.CreateBuilder<ImmutableArray<ulong>>();
        var offsets = new List<int>();
        foreach (var stage in ir.Stages)
        {
            offsets.Add(tables.Count);
            tables.AddRange(stage.Kernel?.Tables ?? []);
        }

        var merged = tables.ToImmutable();
        Stages = [.. ir.Stages.Select((stage, i) => Rewrite(stage, merged, offsets[i]))];
        Block = BlockOf();
        Parameters = KernelParameters.Of(this);
        Passes = form.IsSplit ? SplitPasses() : [new RowPass(ir.Name, [.. Enumerable.Range(0, Stages.Length)], IsOverChunks: false, Combines: -1, [], [])];
    }

    public StagedKernelIr Source { get; }

    public RowForm Form { get; }

    public ImmutableArray<RowStage> Stages { get; }

    public ImmutableArray<RowPass> Passes { get; }

    /// <summary>The same for all passes.</summary>
    public KernelParameters Parameters { get; }

    /// <summary>Elements that a lane combines by itself; a power of two.</summary>
    public int Block { get; }

    public ImmutableArray<KernelArgument> Arguments => Source.Arguments;

    public ImmutableArray<IrType> RowValues => Source.RowValues;

    /// <summary>The first argument of a stage that is a value per row.</summary>
    public int FirstRowValue => Arguments.Length;

    /// <summary>The first argument of a stage that is a value to combine.</summary>
    public int FirstCombined => Arguments.Length + RowValues.Length;

    /// <summary>The most reductions that a sweep has.</summary>
    public int MostReductions => Stages.Max(stage => stage.Reductions.Length);

    public bool UsesDoubles => Stages.Any(stage => stage.Ir?.Nodes.Any(node => node.Type == IrType.Float64) is true)
        || RowValues.Contains(IrType.Float64);

    /// <exception cref="CompileException">The kernel is too large for a device's compiler.</exception>
    public static RowProgram Of(StagedKernelIr ir, RowForm form) => ir.NodeCount > DeviceCode.MostNodes
        ? throw new CompileException(ErrorCodes.TargetUnsupported, $"kernel {ir.Name} has {ir.NodeCount} primitives, a device's compiler gets at most {DeviceCode.MostNodes}; run it on cpu, or split the graph")
        : new RowProgram(ir, form);

    public bool IsPerRow(int argument) => Source.IsPerRow[argument];

    /// <summary>Elements behind each other that a lane takes at once; a part of its block.</summary>
    public int Width => Form.Lanes > 1 ? Math.Min(Form.Width, Block) : 1;

    /// <summary>What chunks came to is taken one by one.</summary>
    public int WidthOf(RowPass pass) => pass.Combines >= 0 ? 1 : Width;

    /// <summary>How far the values of a lane are apart from the next one's where lanes share them: with a gap. Elements that are taken at once are one value there.</summary>
    public int LaneStep(int width) => (Block / width) + Gap;

    /// <summary>Bytes of a value that lanes share for the reduction with that number, in any sweep: sweeps take the same memory one after the other.</summary>
    public int SharedBytes(int reduction, int width) => Stages.Where(stage => stage.Reductions.Length > reduction).Max(stage => SharedSize(stage.Reductions[reduction], width));

    /// <summary>Words of 8 bytes that passes leave for each other.</summary>
    public long ScratchWords(long rows, long chunks) => !Form.IsSplit ? 0 : MemorySizes.Exact(rows, RowValues.Length + (MostReductions * chunks));

    /// <summary>Truth values lie in 4 bytes. What chunks, or elements taken at once, came to is shared as well, and may be wider than what they were made of.</summary>
    private int SharedSize(Reduction reduction, int width) => Math.Max((Form.IsSplit || width > 1 ? Reduction.ResultOf(reduction.Kind, reduction.Type) : reduction.Type).Size(), sizeof(int));

    private int BlockOf()
    {
        var block = LargestBlock;
        var nodes = Stages.Where(stage => stage.Kind == StageKind.Sweep).Max(stage => stage.Ir?.Nodes.Length ?? 0);
        while (block > 1 && (nodes * block > MostCopiedNodes || (Form.Lanes > 1 && SharedBytesWith(block) > GroupBytes)))
        {
            block /= 2;
        }

        return block;
    }

    /// <summary>The values of each lane, one for what it comes to, and one for each <see cref="Joined"/> of these.</summary>
    private long SharedBytesWith(int block)
    {
        long bytes = 0;
        var width = Form.IsSplit ? 1 : Math.Min(Form.Width, block);
        for (var reduction = 0; reduction < MostReductions; reduction++)
        {
            bytes += ((long)Form.GroupSize * ((block / width) + Gap) * SharedBytes(reduction, width)) + ((Form.GroupSize + (Form.GroupSize / Joined)) * (long)sizeof(long));
        }

        return bytes;
    }

    /// <summary>Before the first sweep what is per row already; then each sweep over all chunks, and after it what it came to and what is per row.</summary>
    private ImmutableArray<RowPass> SplitPasses()
    {
        var passes = ImmutableArray.CreateBuilder<RowPass>();
        var known = new HashSet<int>();
        for (var stage = 0; stage < Stages.Length; stage++)
        {
            var combines = -1;
            if (Stages[stage].Kind == StageKind.Sweep)
            {
                passes.Add(new RowPass($"{Source.Name}_p{passes.Count}", [stage], IsOverChunks: true, -1, RowValuesRead(stage), []));
                if (Stages[stage].Reductions.IsEmpty)
                {
                    continue;
                }

                combines = stage;
            }

            ImmutableArray<int> perRow = Stages[stage].Kind == StageKind.PerRow ? [stage] : stage + 1 < Stages.Length && Stages[stage + 1].Kind == StageKind.PerRow ? [++stage] : [];
            ImmutableArray<int> made = combines < 0 ? [] : [.. Stages[combines].Reductions.Select(reduction => reduction.RowValue)];
            ImmutableArray<int> read = [.. perRow.SelectMany(index => RowValuesRead(index)).Distinct().Where(known.Contains)];
            ImmutableArray<int> written = [.. made.Concat(perRow.SelectMany(index => RowValuesWritten(index))).Distinct()];
            passes.Add(new RowPass($"{Source.Name}_p{passes.Count}", perRow, IsOverChunks: false, combines, read, written));
            known.UnionWith(written);
        }

        return passes.ToImmutable();
    }

    private ImmutableArray<int> RowValuesRead(int stage) => RowValuesOf(stage, IrOp.Load);

    private ImmutableArray<int> RowValuesWritten(int stage) => RowValuesOf(stage, IrOp.Store);

    private ImmutableArray<int> RowValuesOf(int stage, IrOp op) => Stages[stage].Ir is not { } ir ? []
        : [.. ir.Nodes.Where(node => node.Op == op && node.Immediate >= FirstRowValue && node.Immediate < FirstCombined).Select(node => (int)node.Immediate - FirstRowValue).Distinct()];

    private RowStage Rewrite(Stage stage, ImmutableArray<ImmutableArray<ulong>> tables, int firstTable)
    {
        var nodes = ImmutableArray.CreateBuilder<IrNode>();
        foreach (var node in stage.Kernel?.Nodes ?? [])
        {
            nodes.Add(node.Op switch
            {
                IrOp.Load or IrOp.Store or IrOp.Scalar or IrOp.Index => node with { Immediate = ArgumentOf(stage.Arguments[(int)node.Immediate]) },
                IrOp.TableLookup => node with { Immediate = node.Immediate + firstTable },
                _ => node,
            });
        }

        // What a reduction takes from memory as it is, the sweep reads like everything else.
        var combined = stage.Arguments.Count(operand => operand.Place == OperandPlace.Combined);
        var sources = new int[stage.Reductions.Length];
        for (var i = 0; i < sources.Length; i++)
        {
            var source = stage.Reductions[i].Source;
            if (source.Place != OperandPlace.Combined)
            {
                nodes.Add(new IrNode(IrOp.Load, stage.Reductions[i].Type, Immediate: ArgumentOf(source)));
                nodes.Add(new IrNode(IrOp.Store, stage.Reductions[i].Type, nodes.Count - 1, Immediate: FirstCombined + combined));
                source = new StageOperand(OperandPlace.Combined, combined++);
            }

            sources[i] = source.Index;
        }

        return new RowStage(
            stage.Kind,
            nodes.Count == 0 ? null : new KernelIr(Source.Name, [.. StageArguments(stage, combined)], nodes.ToImmutable(), tables),
            stage.Reductions,
            [.. sources]);
    }

    private int ArgumentOf(StageOperand operand) => operand.Place switch
    {
        OperandPlace.Argument => operand.Index,
        OperandPlace.Row => FirstRowValue + operand.Index,
        OperandPlace.Combined => FirstCombined + operand.Index,
        _ => throw new InternalFuserException(ErrorCodes.Internal, $"kernel {Source.Name} keeps values between sweeps, which a device has no memory for"),
    };

    private IEnumerable<KernelArgument> StageArguments(Stage stage, int combined)
    {
        for (var i = 0; i < Arguments.Length; i++)
        {
            yield return Arguments[i] with { Access = IsPerRow(i) || Arguments[i].Kind == ArgumentKind.Scalar ? InnerAccess.Uniform : InnerAccess.Varying };
        }

        foreach (var type in RowValues)
        {
            yield return new KernelArgument(ArgumentKind.Input, type.StorageOf(), InnerAccess.Uniform);
        }

        for (var i = 0; i < combined; i++)
        {
            yield return new KernelArgument(ArgumentKind.Output, CombinedType(stage, i).StorageOf(), InnerAccess.Varying);
        }
    }

    /// <summary>A value that nothing is stored in but by a reduction has that one's type; the others have what the stage's own arguments say.</summary>
    private static IrType CombinedType(Stage stage, int combined)
    {
        for (var i = 0; i < stage.Arguments.Length; i++)
        {
            if (stage.Arguments[i] == new StageOperand(OperandPlace.Combined, combined))
            {
                return IrTypes.OfStorage(stage.Kernel!.Arguments[i].DType);
            }
        }

        return stage.Reductions.Where(reduction => reduction.Source.Place != OperandPlace.Combined).ElementAt(combined - stage.Arguments.Count(operand => operand.Place == OperandPlace.Combined)).Type;
    }
}

/// <summary>One stage.</summary>
/// <param name="Ir">What it computes; null when there is nothing to.</param>
/// <param name="Sources">Per reduction, which of the values to combine it takes.</param>
internal sealed record RowStage(StageKind Kind, KernelIr? Ir, ImmutableArray<Reduction> Reductions, ImmutableArray<int> Sources);

/// <summary>What is launched at once.</summary>
/// <param name="Entry">Its name in the text.</param>
/// <param name="Stages">Those it runs, in order.</param>
/// <param name="IsOverChunks">It runs a sweep for every chunk of every row; else for every row.</param>
/// <param name="Combines">The sweep whose chunks it combines first; -1 for none.</param>
/// <param name="Reads">Values per row that passes before left.</param>
/// <param name="Writes">Values per row that it leaves for those after.</param>
internal sealed record RowPass(string Entry, ImmutableArray<int> Stages, bool IsOverChunks, int Combines, ImmutableArray<int> Reads, ImmutableArray<int> Writes);

/// <summary>A pass as text.</summary>
internal sealed record RowCode(RowProgram Program, RowPass Pass, string Text) : DeviceCode(Program.Parameters, Pass.Entry, Text, Program.Form.GroupSize);
