using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fuser.Kernels.Targets.Simd.Combining;

/// <summary>Takes two neighbouring vectors apart into the first and the second of each pair of neighbouring values, in order.</summary>
internal static class Pairs
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<T> First, Vector512<T> Second) Split<T>(Vector512<T> low, Vector512<T> high)
        where T : unmanaged => Unsafe.SizeOf<T>() == 4
            ? (
                Avx512F.PermuteVar16x32x2(low.AsInt32(), Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30), high.AsInt32()).As<int, T>(),
                Avx512F.PermuteVar16x32x2(low.AsInt32(), Vector512.Create(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31), high.AsInt32()).As<int, T>())
            : (
                Avx512F.PermuteVar8x64x2(low.AsInt64(), Vector512.Create(0L, 2, 4, 6, 8, 10, 12, 14), high.AsInt64()).As<long, T>(),
                Avx512F.PermuteVar8x64x2(low.AsInt64(), Vector512.Create(1L, 3, 5, 7, 9, 11, 13, 15), high.AsInt64()).As<long, T>());

    /// <summary>Both in the order that <see cref="Sort"/> mends once they are combined.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<T> First, Vector256<T> Second) Split<T>(Vector256<T> low, Vector256<T> high)
        where T : unmanaged => Unsafe.SizeOf<T>() == 4
            ? (Avx.Shuffle(low.AsSingle(), high.AsSingle(), 0b10_00_10_00).As<float, T>(), Avx.Shuffle(low.AsSingle(), high.AsSingle(), 0b11_01_11_01).As<float, T>())
            : (Avx.UnpackLow(low.AsDouble(), high.AsDouble()).As<double, T>(), Avx.UnpackHigh(low.AsDouble(), high.AsDouble()).As<double, T>());

    /// <summary>The halves of both vectors alternate after a split; this puts those of the first in front.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Sort<T>(Vector256<T> combined)
        where T : unmanaged => Avx2.Permute4x64(combined.AsInt64(), 0b11_01_10_00).As<long, T>();
}
