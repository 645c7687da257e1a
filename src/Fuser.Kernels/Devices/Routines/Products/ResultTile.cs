using System.Numerics;
using System.Runtime.CompilerServices;

namespace Fuser.Kernels.Devices.Routines.Products;

/// <summary>Where a tile of sums belongs in the result, which may have any strides.</summary>
internal readonly unsafe struct ResultTile<T>(T* result, long* rows, int rowCount, long* columns, int columnCount, bool consecutive)
    where T : unmanaged, INumber<T>
{
    /// <summary>Writes the sums of the first block, adds those of the others.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add<TLanes, TVector>(T* tile, int width, bool isFirst)
        where TLanes : struct, IProductLanes<TVector, T>
        where TVector : unmanaged
    {
        for (var row = 0; row < rowCount; row++)
        {
            var from = tile + (row * width);
            var to = result + rows[row] + columns[0];
            var column = 0;
            if (consecutive)
            {
                for (; column <= columnCount - TLanes.Width; column += TLanes.Width)
                {
                    var sum = TLanes.Load(from + column);
                    TLanes.Store(isFirst ? sum : TLanes.Add(TLanes.Load(to + column), sum), to + column);
                }
            }

            for (; column < columnCount; column++)
            {
                var element = result + rows[row] + columns[column];
                *element = isFirst ? from[column] : *element + from[column];
            }
        }
    }
}
