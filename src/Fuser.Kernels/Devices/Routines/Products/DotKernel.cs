using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Devices.Routines.Products;

/// <summary>Sums of products where both operands have their terms one behind the other: a vector of 8 lanes holds the 8 chains, and nothing is packed.</summary>
internal static unsafe class DotKernel
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Run<T>(T* left, T* right, long depth)
        where T : unmanaged, INumber<T>
    {
        var total = T.Zero;
        var chains = stackalloc T[Contraction.Chains];
        for (long start = 0; start < depth; start += Contraction.BlockLength)
        {
            var block = Block(left + start, right + start, (int)Math.Min(Contraction.BlockLength, depth - start), chains);
            total = start == 0 ? block : total + block;
        }

        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Block<T>(T* left, T* right, int depth, T* chains)
        where T : unmanaged, INumber<T>
    {
        // Elements of 4 bytes fill the first vector; those of 8 take both.
        var lanes = Vector256<T>.Count;
        Vector256<T> low = default, high = default;
        var whole = depth & -Contraction.Chains;
        for (var i = 0; i < whole; i += Contraction.Chains)
        {
            low = ProductLanes256<T>.MultiplyAdd(Vector256.Load(left + i), Vector256.Load(right + i), low);
            if (lanes < Contraction.Chains)
            {
                high = ProductLanes256<T>.MultiplyAdd(Vector256.Load(left + i + lanes), Vector256.Load(right + i + lanes), high);
            }
        }

        low.Store(chains);
        if (lanes < Contraction.Chains)
        {
            high.Store(chains + lanes);
        }

        for (var i = whole; i < depth; i++)
        {
            chains[i - whole] = MultiplyAdd(left[i], right[i], chains[i - whole]);
        }

        var total = chains[0];
        for (var chain = 1; chain < Contraction.Chains && chain < depth; chain++)
        {
            total += chains[chain];
        }

        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T MultiplyAdd<T>(T a, T b, T c)
        where T : unmanaged, INumber<T> =>
        typeof(T) == typeof(float) ? (T)(object)MathF.FusedMultiplyAdd((float)(object)a, (float)(object)b, (float)(object)c)
        : typeof(T) == typeof(double) ? (T)(object)Math.FusedMultiplyAdd((double)(object)a, (double)(object)b, (double)(object)c)
        : (a * b) + c;
}
