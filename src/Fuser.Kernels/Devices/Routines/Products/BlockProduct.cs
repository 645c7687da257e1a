using Fuser.Kernels.Operations;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Routines.Products;

/// <summary>Computes parts of a product's result, for one element type and vector width.</summary>
internal abstract unsafe class BlockProduct
{
    public abstract int TileRows { get; }

    public abstract int TileColumns { get; }

    /// <summary>Computes rows by columns of one batch; pointers lead to that batch's first elements.</summary>
    public abstract void Run(byte* left, byte* right, byte* result, ProductPart part);

    public static BlockProduct Of(ProductShape shape, DType dtype, SimdWidth width) => dtype switch
    {
        DType.Float32 => Of<float>(shape, width),
        DType.Float64 => Of<double>(shape, width),
        DType.Int32 => Of<int>(shape, width),
        _ => Of<long>(shape, width),
    };

    private static BlockProduct Of<T>(ProductShape shape, SimdWidth width)
        where T : unmanaged, System.Numerics.INumber<T> => width switch
    {
        SimdWidth.V512 => new BlockProduct<ProductLanes512<T>, System.Runtime.Intrinsics.Vector512<T>, T>(shape),
        SimdWidth.V256 => new BlockProduct<ProductLanes256<T>, System.Runtime.Intrinsics.Vector256<T>, T>(shape),
        _ => new BlockProduct<ProductLanes128<T>, System.Runtime.Intrinsics.Vector128<T>, T>(shape),
    };
}

/// <summary>A rectangle of a product's result.</summary>
internal readonly record struct ProductPart(long FirstRow, int Rows, long FirstColumn, int Columns);

/// <inheritdoc/>
internal sealed unsafe class BlockProduct<TLanes, TVector, T>(ProductShape shape) : BlockProduct
    where TLanes : struct, IProductLanes<TVector, T>
    where TVector : unmanaged
    where T : unmanaged, System.Numerics.INumber<T>
{
    public override int TileRows => TileKernel<TLanes, TVector, T>.Rows;

    public override int TileColumns => TileKernel<TLanes, TVector, T>.Columns;

    public override void Run(byte* left, byte* right, byte* result, ProductPart part)
    {
        var scratch = new Scratch(ThreadScratch.Take(Scratch.Bytes(this, part)), this, part);
        ProductOffsets.Fill(shape.Rows, part.FirstRow, part.Rows, scratch.RowsLeft, null, scratch.RowsResult);
        ProductOffsets.Fill(shape.Columns, part.FirstColumn, part.Columns, null, scratch.ColumnsRight, scratch.ColumnsResult);
        var consecutive = ProductOffsets.AreConsecutive(scratch.ColumnsResult, part.Columns);
        if (shape.Depth == 0)
        {
            Clear((T*)result, part, scratch);
        }

        for (long term = 0; term < shape.Depth; term += Contraction.BlockLength)
        {
            var depth = (int)Math.Min(Contraction.BlockLength, shape.Depth - term);
            FillTerms(term, depth, scratch);
            Packing.Pack((T*)right, scratch.ColumnsRight, part.Columns, TileColumns, scratch.TermsRight, depth, scratch.Right);
            Packing.Pack((T*)left, scratch.RowsLeft, part.Rows, TileRows, scratch.TermsLeft, depth, scratch.Left);
            for (var column = 0; column < part.Columns; column += TileColumns)
            {
                for (var row = 0; row < part.Rows; row += TileRows)
                {
                    TileKernel<TLanes, TVector, T>.Run(scratch.Left + ((long)row * depth), scratch.Right + ((long)column * depth), depth, scratch.Tile);
                    var tile = new ResultTile<T>((T*)result, scratch.RowsResult + row, Math.Min(TileRows, part.Rows - row), scratch.ColumnsResult + column, Math.Min(TileColumns, part.Columns - column), consecutive);
                    tile.Add<TLanes, TVector>(scratch.Tile, TileColumns, isFirst: term == 0);
                }
            }
        }
    }

    /// <summary>A sum without terms is 0.</summary>
    private static void Clear(T* result, ProductPart part, Scratch scratch)
    {
        for (var row = 0; row < part.Rows; row++)
        {
            for (var column = 0; column < part.Columns; column++)
            {
                result[scratch.RowsResult[row] + scratch.ColumnsResult[column]] = T.Zero;
            }
        }
    }

    /// <summary>Where the terms of a block are, chain by chain.</summary>
    private void FillTerms(long first, int depth, Scratch scratch)
    {
        ProductOffsets.Fill(shape.Summed, first, depth, scratch.InOrderLeft, scratch.InOrderRight, null);
        var at = 0;
        for (var chain = 0; chain < Contraction.Chains; chain++)
        {
            for (var term = chain; term < depth; term += Contraction.Chains)
            {
                scratch.TermsLeft[at] = scratch.InOrderLeft[term];
                scratch.TermsRight[at++] = scratch.InOrderRight[term];
            }
        }
    }

    /// <summary>The memory of one part, all in one piece.</summary>
    private readonly struct Scratch
    {
        public Scratch(byte* memory, BlockProduct<TLanes, TVector, T> product, ProductPart part)
        {
            Right = (T*)Next(ref memory, Padded(part.Columns, product.TileColumns) * Contraction.BlockLength * sizeof(T));
            Left = (T*)Next(ref memory, Padded(part.Rows, product.TileRows) * Contraction.BlockLength * sizeof(T));
            Tile = (T*)Next(ref memory, product.TileRows * product.TileColumns * sizeof(T));
            RowsLeft = (long*)Next(ref memory, part.Rows * sizeof(long));
            RowsResult = (long*)Next(ref memory, part.Rows * sizeof(long));
            ColumnsRight = (long*)Next(ref memory, part.Columns * sizeof(long));
            ColumnsResult = (long*)Next(ref memory, part.Columns * sizeof(long));
            InOrderLeft = (long*)Next(ref memory, Contraction.BlockLength * sizeof(long));
            InOrderRight = (long*)Next(ref memory, Contraction.BlockLength * sizeof(long));
            TermsLeft = (long*)Next(ref memory, Contraction.BlockLength * sizeof(long));
            TermsRight = (long*)Next(ref memory, Contraction.BlockLength * sizeof(long));
        }

        public T* Right { get; }

        public T* Left { get; }

        public T* Tile { get; }

        public long* RowsLeft { get; }

        public long* RowsResult { get; }

        public long* ColumnsRight { get; }

        public long* ColumnsResult { get; }

        public long* InOrderLeft { get; }

        public long* InOrderRight { get; }

        public long* TermsLeft { get; }

        public long* TermsRight { get; }

        public static long Bytes(BlockProduct<TLanes, TVector, T> product, ProductPart part) =>
            ((Padded(part.Columns, product.TileColumns) + Padded(part.Rows, product.TileRows)) * Contraction.BlockLength * sizeof(T))
            + (product.TileRows * product.TileColumns * sizeof(T))
            + (((2L * (part.Rows + part.Columns)) + (4 * Contraction.BlockLength)) * sizeof(long))
            + (11 * MemorySizes.CacheLine);

        private static byte* Next(ref byte* memory, long bytes)
        {
            var start = memory;
            memory += (bytes + MemorySizes.CacheLine - 1) & -MemorySizes.CacheLine;
            return start;
        }

        private static long Padded(int count, int tile) => (count + tile - 1) / tile * tile;
    }
}
