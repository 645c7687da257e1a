using System.Runtime.CompilerServices;
using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Devices.Routines.Products;

/// <summary>
/// The inner loop of products: a tile of 6 rows and 2 vectors of columns over one block of terms. 12 sums, 2 vectors and a broadcast number fit the 16 registers
/// of AVX2, and 12 independent multiply-adds hide their latency.
/// </summary>
internal static unsafe class TileKernel<TLanes, TVector, T>
    where TLanes : struct, IProductLanes<TVector, T>
    where TVector : unmanaged
    where T : unmanaged
{
    public const int Rows = 6;

    public static int Columns => 2 * TLanes.Width;

    /// <summary>Writes a tile, row-major: the sums of one block.</summary>
    /// <param name="left">For each term, chain by chain, a number per row.</param>
    /// <param name="right">For each term, chain by chain, a number per column.</param>
    /// <param name="depth">The number of terms, at least 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(T* left, T* right, int depth, T* tile)
    {
        var width = TLanes.Width;
        for (var chain = 0; chain < Contraction.Chains && chain < depth; chain++)
        {
            TVector c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default;
            TVector c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default;
            for (var terms = (depth - chain + Contraction.Chains - 1) / Contraction.Chains; terms > 0; terms--)
            {
                var b0 = TLanes.Load(right);
                var b1 = TLanes.Load(right + width);
                var a = TLanes.Broadcast(left);
                c00 = TLanes.MultiplyAdd(a, b0, c00);
                c01 = TLanes.MultiplyAdd(a, b1, c01);
                a = TLanes.Broadcast(left + 1);
                c10 = TLanes.MultiplyAdd(a, b0, c10);
                c11 = TLanes.MultiplyAdd(a, b1, c11);
                a = TLanes.Broadcast(left + 2);
                c20 = TLanes.MultiplyAdd(a, b0, c20);
                c21 = TLanes.MultiplyAdd(a, b1, c21);
                a = TLanes.Broadcast(left + 3);
                c30 = TLanes.MultiplyAdd(a, b0, c30);
                c31 = TLanes.MultiplyAdd(a, b1, c31);
                a = TLanes.Broadcast(left + 4);
                c40 = TLanes.MultiplyAdd(a, b0, c40);
                c41 = TLanes.MultiplyAdd(a, b1, c41);
                a = TLanes.Broadcast(left + 5);
                c50 = TLanes.MultiplyAdd(a, b0, c50);
                c51 = TLanes.MultiplyAdd(a, b1, c51);
                left += Rows;
                right += 2 * width;
            }

            if (chain > 0)
            {
                c00 = TLanes.Add(TLanes.Load(tile), c00);
                c01 = TLanes.Add(TLanes.Load(tile + width), c01);
                c10 = TLanes.Add(TLanes.Load(tile + (2 * width)), c10);
                c11 = TLanes.Add(TLanes.Load(tile + (3 * width)), c11);
                c20 = TLanes.Add(TLanes.Load(tile + (4 * width)), c20);
                c21 = TLanes.Add(TLanes.Load(tile + (5 * width)), c21);
                c30 = TLanes.Add(TLanes.Load(tile + (6 * width)), c30);
                c31 = TLanes.Add(TLanes.Load(tile + (7 * width)), c31);
                c40 = TLanes.Add(TLanes.Load(tile + (8 * width)), c40);
                c41 = TLanes.Add(TLanes.Load(tile + (9 * width)), c41);
                c50 = TLanes.Add(TLanes.Load(tile + (10 * width)), c50);
                c51 = TLanes.Add(TLanes.Load(tile + (11 * width)), c51);
            }

            TLanes.Store(c00, tile);
            TLanes.Store(c01, tile + width);
            TLanes.Store(c10, tile + (2 * width));
            TLanes.Store(c11, tile + (3 * width));
            TLanes.Store(c20, tile + (4 * width));
            TLanes.Store(c21, tile + (5 * width));
            TLanes.Store(c30, tile + (6 * width));
            TLanes.Store(c31, tile + (7 * width));
            TLanes.Store(c40, tile + (8 * width));
            TLanes.Store(c41, tile + (9 * width));
            TLanes.Store(c50, tile + (10 * width));
            TLanes.Store(c51, tile + (11 * width));
        }
    }
}
