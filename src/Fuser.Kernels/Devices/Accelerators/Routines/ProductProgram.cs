using Fuser.Kernels.Devices.Routines.Products;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Forms;

namespace Fuser.Kernels.Devices.Accelerators.Routines;

/// <summary>A product's axes as settings of its kernel, and the simple form of it: a work item goes over the terms of its sum, chain by chain.</summary>
internal sealed class ProductProgram
{
    private readonly int _elements;

    public ProductProgram(ProductShape shape, RoutineOperand left, RoutineOperand right, RoutineOperand result, RoutineDevice device)
    {
        Shape = shape;
        Settings = new RoutineSettings(device);
        Type = IrTypes.OfStorage(result.DType);
        Batch = Settings.Axes(shape.Batch, axis => axis.Left, axis => axis.Right, axis => axis.Result);
        Rows = Settings.Axes(shape.Rows, axis => axis.Left, axis => axis.Result);
        Columns = Settings.Axes(shape.Columns, axis => axis.Right, axis => axis.Result);
        Summed = Settings.Axes(shape.Summed, axis => axis.Left, axis => axis.Right);
        (RowCount, ColumnCount, Depth) = (Settings.Add(shape.RowCount), Settings.Add(shape.ColumnCount), Settings.Add(shape.Depth));
        _elements = Settings.Add(result.Layout.ElementCount);
        foreach (var operand in new[] { left, right, result })
        {
            Settings.Reach(operand);
        }
    }

    public ProductShape Shape { get; }

    public RoutineSettings Settings { get; }

    /// <summary>Of the elements.</summary>
    public IrType Type { get; }

    /// <summary>With strides in the left operand, the right one, and the result.</summary>
    public RoutineAxes Batch { get; }

    /// <summary>With strides in the left operand and the result.</summary>
    public RoutineAxes Rows { get; }

    /// <summary>With strides in the right operand and the result.</summary>
    public RoutineAxes Columns { get; }

    /// <summary>With strides in the left operand and the right one.</summary>
    public RoutineAxes Summed { get; }

    public int RowCount { get; }

    public int ColumnCount { get; }

    public int Depth { get; }

    /// <summary>Whether the left operand's terms lie nearer to each other than its rows.</summary>
    public bool IsLeftByTerms => LieTogether(Shape.Summed, Shape.Rows, axis => axis.Left);

    /// <summary>Whether the right operand's terms lie nearer to each other than its columns.</summary>
    public bool IsRightByTerms => LieTogether(Shape.Summed, Shape.Columns, axis => axis.Right);

    public string Form => $"{Batch.Count}.{Rows.Count}.{Columns.Count}.{Summed.Count} {Type.Text()}";

    public void WriteElements(KernelWriter w) => w.ForItems(w.Setting(_elements), item =>
    {
        var depth = w.Setting(Depth);
        var (left, right, result) = Positions(w, item);
        var total = w.Variable(Nothing(w));
        w.For(w.Position(0), depth, w.Position(Contraction.BlockLength), block =>
        {
            var end = w.Least(w.Plus(block, w.Position(Contraction.BlockLength)), depth);
            var sum = w.Variable(w.NoSum(Type));
            w.For(block, w.Least(w.Plus(block, w.Position(Contraction.Chains)), end), w.Position(1), first =>
            {
                var chain = w.Variable(w.Zero(Type));
                WriteChain(w, chain, (left, right), first, end);
                w.Set(sum, w.Add(sum, chain));
            });
            w.Set(total, w.Add(total, sum));
        });
        w.Store(2, result, total);
    });

    /// <summary>Where the terms of a sum begin in the operands, and where it belongs in the result. Sums are numbered by batch, row and column, so that neighbours are of one row.</summary>
    public (CodeValue Left, CodeValue Right, CodeValue Result) Positions(KernelWriter w, CodeValue sum)
    {
        var (columns, rows) = (w.Setting(ColumnCount), w.Setting(RowCount));
        var (column, rest) = (w.Rest(sum, columns), w.Over(sum, columns));
        var batch = Batch.Positions(w, w.Over(rest, rows));
        var (ofRow, ofColumn) = (Rows.Positions(w, w.Rest(rest, rows)), Columns.Positions(w, column));
        return (w.Plus(batch[0], ofRow[0]), w.Plus(batch[1], ofColumn[0]), w.Plus(w.Plus(batch[2], ofRow[1]), ofColumn[1]));
    }

    /// <summary>Adds the terms of a chain to a variable.</summary>
    /// <param name="start">Where the terms of the sum begin in the operands.</param>
    /// <param name="first">The first term.</param>
    /// <param name="end">Behind the last term.</param>
    public void WriteChain(KernelWriter w, CodeValue chain, (CodeValue Left, CodeValue Right) start, CodeValue first, CodeValue end) => w.ForLoaded(
        first,
        end,
        Contraction.Chains,
        term =>
        {
            var at = Summed.Positions(w, term);
            return (Left: w.Load(0, w.Plus(start.Left, at[0])), Right: w.Load(1, w.Plus(start.Right, at[1])));
        },
        (_, factors) => w.Set(chain, w.MultiplyAdd(factors.Left, factors.Right, chain)));

    private static bool LieTogether(ProductAxis[] summed, ProductAxis[] others, Func<ProductAxis, long> stride) =>
        summed.Length > 0 && (others.Length == 0 || Math.Abs(stride(summed[^1])) < Math.Abs(stride(others[^1])));

    /// <summary>What the first block is added to: what changes no bit of it, and 0 when there is no block.</summary>
    public CodeValue Nothing(KernelWriter w) => w.Select(w.IsLess(w.Setting(Depth), w.Position(1)), w.Zero(Type), w.NoSum(Type));
}
