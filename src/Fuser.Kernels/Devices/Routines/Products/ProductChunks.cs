namespace Fuser.Kernels.Devices.Routines.Products;

/// <summary>How a product is cut into units of work. The cut changes no bit: each element of the result is summed by one unit.</summary>
/// <param name="Rows">Rows of a unit.</param>
/// <param name="Columns">Columns of a unit.</param>
internal readonly record struct ProductChunks(ProductShape Shape, long Rows, long Columns)
{
    /// <summary>A block of the left operand with so many rows and one of the right with so many columns fit the second-level cache together.</summary>
    private const long MostRows = 192;

    private const long MostColumns = 512;

    /// <summary>A few per thread even out one that starts late.</summary>
    private const int UnitsPerThread = 3;

    public long RowChunks => Chunks(Shape.RowCount, Rows);

    public long ColumnChunks => Chunks(Shape.ColumnCount, Columns);

    public long Count => Shape.BatchCount * RowChunks * ColumnChunks;

    /// <param name="rows">Rows of a tile.</param>
    /// <param name="columns">Columns of a tile.</param>
    public static ProductChunks Of(ProductShape shape, int rows, int columns, int threads)
    {
        var chunks = new ProductChunks(shape, Even(shape.RowCount, MostRows, rows), Even(shape.ColumnCount, MostColumns, columns));
        while (threads > 1 && chunks.Count < threads * UnitsPerThread && (chunks.Rows > 4 * rows || chunks.Columns > 2 * columns))
        {
            chunks = chunks.Rows > 4 * rows
                ? chunks with { Rows = Even(shape.RowCount, chunks.Rows / 2, rows) }
                : chunks with { Columns = Even(shape.ColumnCount, chunks.Columns / 2, columns) };
        }

        return chunks;
    }

    /// <summary>Chunks of nearly the same size, in whole tiles.</summary>
    private static long Even(long size, long most, int tile)
    {
        var chunk = (size + Chunks(size, most) - 1) / Math.Max(Chunks(size, most), 1);
        return Math.Max(tile, (chunk + tile - 1) / tile * tile);
    }

    private static long Chunks(long size, long chunk) => (size + chunk - 1) / chunk;
}
