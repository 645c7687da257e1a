using System.Numerics;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Routines.Products;

/// <summary>A product of few rows, each element a sum by itself over terms that lie one behind the other in both operands.</summary>
internal static class DottedProduct
{
    public static BlockProduct Of(ProductShape shape, DType dtype) => dtype switch
    {
        DType.Float32 => new DottedProduct<float>(shape),
        DType.Float64 => new DottedProduct<double>(shape),
        DType.Int32 => new DottedProduct<int>(shape),
        _ => new DottedProduct<long>(shape),
    };
}

/// <inheritdoc cref="DottedProduct"/>
internal sealed unsafe class DottedProduct<T>(ProductShape shape) : BlockProduct
    where T : unmanaged, INumber<T>
{
    public override int TileRows => 1;

    public override int TileColumns => 1;

    public override void Run(byte* left, byte* right, byte* result, ProductPart part)
    {
        long ofRight, ofResult, rowLeft, rowResult;
        for (var row = 0; row < part.Rows; row++)
        {
            ProductOffsets.Fill(shape.Rows, part.FirstRow + row, 1, &rowLeft, null, &rowResult);
            for (var column = 0; column < part.Columns; column++)
            {
                ProductOffsets.Fill(shape.Columns, part.FirstColumn + column, 1, null, &ofRight, &ofResult);
                ((T*)result)[rowResult + ofResult] = DotKernel.Run((T*)left + rowLeft, (T*)right + ofRight, shape.Depth);
            }
        }
    }
}
