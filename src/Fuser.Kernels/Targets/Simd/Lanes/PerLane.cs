using System.Numerics;
using System.Runtime.CompilerServices;
using Fuser.Kernels.Ir.Evaluation;

namespace Fuser.Kernels.Targets.Simd.Lanes;

/// <summary>
/// Primitives no instruction set has: one loop over the lanes, for vectors of any width and for single numbers. Called from
/// generated code, so they are compiled fully at once instead of starting in the runtime's quick tier.
/// </summary>
internal static unsafe class PerLane
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TVector IntegerDivide<TVector, T>(TVector a, TVector b)
        where TVector : unmanaged
        where T : unmanaged, IBinaryInteger<T>
    {
        TVector result = default;
        for (var i = 0; i < sizeof(TVector) / sizeof(T); i++)
        {
            ((T*)&result)[i] = IntegerArithmetic.Divide(((T*)&a)[i], ((T*)&b)[i]);
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TVector IntegerRemainder<TVector, T>(TVector a, TVector b)
        where TVector : unmanaged
        where T : unmanaged, IBinaryInteger<T>
    {
        TVector result = default;
        for (var i = 0; i < sizeof(TVector) / sizeof(T); i++)
        {
            ((T*)&result)[i] = IntegerArithmetic.Remainder(((T*)&a)[i], ((T*)&b)[i]);
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TVector FloatRemainder<TVector, T>(TVector a, TVector b)
        where TVector : unmanaged
        where T : unmanaged, IFloatingPoint<T>
    {
        TVector result = default;
        for (var i = 0; i < sizeof(TVector) / sizeof(T); i++)
        {
            ((T*)&result)[i] = ((T*)&a)[i] % ((T*)&b)[i];
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TVector ShiftLeftVariable<TVector, T>(TVector a, TVector count)
        where TVector : unmanaged
        where T : unmanaged, IBinaryInteger<T>
    {
        TVector result = default;
        for (var i = 0; i < sizeof(TVector) / sizeof(T); i++)
        {
            ((T*)&result)[i] = ((T*)&a)[i] << Count(((T*)&count)[i]);
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TVector ShiftRightArithmeticVariable<TVector, T>(TVector a, TVector count)
        where TVector : unmanaged
        where T : unmanaged, IBinaryInteger<T>
    {
        TVector result = default;
        for (var i = 0; i < sizeof(TVector) / sizeof(T); i++)
        {
            ((T*)&result)[i] = ((T*)&a)[i] >> Count(((T*)&count)[i]);
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TVector ShiftRightLogicalVariable<TVector, T>(TVector a, TVector count)
        where TVector : unmanaged
        where T : unmanaged, IBinaryInteger<T>
    {
        TVector result = default;
        for (var i = 0; i < sizeof(TVector) / sizeof(T); i++)
        {
            ((T*)&result)[i] = ((T*)&a)[i] >>> Count(((T*)&count)[i]);
        }

        return result;
    }

    private static int Count<T>(T count)
        where T : unmanaged, IBinaryInteger<T> => int.CreateTruncating(count) & ((sizeof(T) * 8) - 1);
}
