using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Routines.Products;

/// <summary>
/// Products of matrices and everything that is one, in blocks that stay in the caches. The order of each sum is the one <see cref="Contraction"/> fixes.
/// </summary>
internal sealed unsafe class ContractionLaunch : RoutineLaunch
{
    /// <summary>Multiplications below which a second thread costs more than it saves.</summary>
    private const double ParallelWork = 400_000;

    /// <summary>Up to so many rows, reading operands where they are costs less than packing them.</summary>
    private const long MostDottedRows = 3;

    private readonly ProductShape _shape;
    private readonly BlockProduct _product;
    private readonly RoutineOperand _left;
    private readonly RoutineOperand _right;
    private readonly RoutineOperand _result;
    private readonly bool _dotted;

    public ContractionLaunch(ProductShape shape, RoutineOperand left, RoutineOperand right, RoutineOperand result, SimdWidth width)
    {
        _shape = shape;
        (_left, _right, _result) = shape.IsExchanged ? (right, left, result) : (left, right, result);
        _dotted = shape.IsDotted && shape.RowCount <= MostDottedRows;
        _product = _dotted ? DottedProduct.Of(shape, result.DType) : BlockProduct.Of(shape, result.DType, width);
    }

    public static ContractionLaunch Of(Contraction contraction, RoutineOperand left, RoutineOperand right, RoutineOperand result, SimdWidth width) =>
        new(ProductShape.Of(contraction, left, right, result), left, right, result, width);

    public override void Run(byte** buffers, int threads)
    {
        var parallel = threads > 1 && _shape.Work > ParallelWork;
        var units = new Units(this, ProductChunks.Of(_shape, _product.TileRows, _product.TileColumns, parallel ? threads : 1), buffers);
        if (parallel)
        {
            units.Run(units.Count, threads);
        }
        else
        {
            units.RunAlone();
        }
    }

    private byte* Pointer(byte** buffers, RoutineOperand operand, long offset) => buffers[operand.Buffer] + ((operand.Layout.Offset + offset) * operand.DType.ItemSize());

    private void RunPart(byte** buffers, long batch, ProductPart part)
    {
        long left, right, result;
        ProductOffsets.Fill(_shape.Batch, batch, 1, &left, &right, &result);
        _product.Run(Pointer(buffers, _left, left), Pointer(buffers, _right, right), Pointer(buffers, _result, result), part);
    }

    private sealed class Units(ContractionLaunch launch, ProductChunks chunks, byte** buffers) : ParallelRange
    {
        public long Count { get; } = chunks.Count;

        public void RunAlone() => Run(0, Count);

        protected override void Run(long first, long end)
        {
            for (var unit = first; unit < end; unit++)
            {
                var (rest, column) = Math.DivRem(unit, chunks.ColumnChunks);
                var (batch, row) = Math.DivRem(rest, chunks.RowChunks);
                var (firstRow, firstColumn) = (row * chunks.Rows, column * chunks.Columns);
                launch.RunPart(buffers, batch, new ProductPart(
                    firstRow,
                    (int)Math.Min(chunks.Rows, chunks.Shape.RowCount - firstRow),
                    firstColumn,
                    (int)Math.Min(chunks.Columns, chunks.Shape.ColumnCount - firstColumn)));
            }
        }
    }
}
