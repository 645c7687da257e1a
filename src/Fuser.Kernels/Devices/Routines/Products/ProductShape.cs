using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;

namespace Fuser.Kernels.Devices.Routines.Products;

/// <summary>The axes of a contraction, merged, and turned so that vectors run along the columns.</summary>
internal sealed class ProductShape
{
    /// <summary>Fewer columns than this leave most of a vector idle.</summary>
    private const long FewColumns = 16;

    private ProductShape(ProductAxis[] batch, ProductAxis[] rows, ProductAxis[] columns, ProductAxis[] summed, bool exchanged)
    {
        (Batch, Rows, Columns, Summed, IsExchanged) = (batch, rows, columns, summed, exchanged);
        (BatchCount, RowCount, ColumnCount, Depth) = (ProductAxis.Count(batch), ProductAxis.Count(rows), ProductAxis.Count(columns), ProductAxis.Count(summed));
    }

    public ProductAxis[] Batch { get; }

    public ProductAxis[] Rows { get; }

    public ProductAxis[] Columns { get; }

    public ProductAxis[] Summed { get; }

    /// <summary>Whether left and right changed places. A product has the same bits either way.</summary>
    public bool IsExchanged { get; }

    public long BatchCount { get; }

    public long RowCount { get; }

    public long ColumnCount { get; }

    /// <summary>Terms of each sum.</summary>
    public long Depth { get; }

    /// <summary>Multiplications altogether; as a float, which cannot overflow.</summary>
    public double Work => (double)BatchCount * RowCount * ColumnCount * Depth;

    /// <summary>Whether both operands have the terms of a sum one behind the other.</summary>
    public bool IsDotted => Summed is [{ Left: 1, Right: 1 }];

    public static ProductShape Of(Contraction contraction, RoutineOperand left, RoutineOperand right, RoutineOperand result)
    {
        var (batch, rows, columns) = (contraction.BatchAxes, contraction.RowAxes, contraction.ColumnAxes);
        var (l, r, d) = (left.Layout, right.Layout, result.Layout);
        return Of(
            [.. Enumerable.Range(0, batch).Select(i => new ProductAxis(d.Sizes[i], l.Strides[i], r.Strides[i], d.Strides[i]))],
            Enumerable.Range(batch, rows).Select(i => new ProductAxis(d.Sizes[i], l.Strides[i], 0, d.Strides[i])),
            Enumerable.Range(batch, columns).Select(i => new ProductAxis(d.Sizes[i + rows], 0, r.Strides[i + contraction.SummedAxes], d.Strides[i + rows])),
            Enumerable.Range(batch, contraction.SummedAxes).Select(i => new ProductAxis(r.Sizes[i], l.Strides[i + rows], r.Strides[i], 0)));
    }

    /// <summary>The weight is the left operand.</summary>
    public static ProductShape Of(Convolution convolution, RoutineOperand input, RoutineOperand weight, RoutineOperand result)
    {
        var (x, w, d) = (input.Layout, weight.Layout, result.Layout);
        var (groups, space) = (convolution.Groups, Enumerable.Range(0, convolution.Stride.Length));
        var (channels, outputs) = (w.Sizes[1], d.Sizes[1] / groups);
        return Of(
            [new ProductAxis(d.Sizes[0], 0, x.Strides[0], d.Strides[0]), new ProductAxis(groups, outputs * w.Strides[0], channels * x.Strides[1], outputs * d.Strides[1])],
            [new ProductAxis(outputs, w.Strides[0], 0, d.Strides[1])],
            space.Select(axis => new ProductAxis(d.Sizes[axis + 2], 0, convolution.Stride[axis] * x.Strides[axis + 2], d.Strides[axis + 2])),
            space.Select(axis => new ProductAxis(w.Sizes[axis + 2], w.Strides[axis + 2], convolution.Dilation[axis] * x.Strides[axis + 2], 0))
                .Prepend(new ProductAxis(channels, w.Strides[1], x.Strides[1], 0)));
    }

    private static ProductShape Of(IReadOnlyList<ProductAxis> batch, IEnumerable<ProductAxis> rows, IEnumerable<ProductAxis> columns, IEnumerable<ProductAxis> summed)
    {
        // A batch that one operand does not take part in is more rows, or columns, of the other: then it is packed once for all of them.
        var (ofRows, ofColumns) = (batch.Where(axis => axis.Right == 0 && axis.Size != 1), batch.Where(axis => axis.Right != 0 && axis.Left == 0 && axis.Size != 1));
        var both = ProductAxis.Merge(batch.Where(axis => axis.Left != 0 && axis.Right != 0));
        var shape = new ProductShape(both, ProductAxis.Merge(ofRows.Concat(rows)), ProductAxis.Merge(ofColumns.Concat(columns)), ProductAxis.Merge(summed), exchanged: false);
        return shape.WantsExchange ? shape.Exchange() : shape;
    }

    private bool WantsExchange => ColumnCount < FewColumns ? RowCount > ColumnCount
        : RowCount >= FewColumns && Columns is not [.., { Result: 1 }] && Rows is [.., { Result: 1 }];

    private ProductShape Exchange() => new(
        [.. Batch.Select(axis => axis.Exchanged)],
        [.. Columns.Select(axis => axis.Exchanged)],
        [.. Rows.Select(axis => axis.Exchanged)],
        [.. Summed.Select(axis => axis.Exchanged)],
        exchanged: true);
}
