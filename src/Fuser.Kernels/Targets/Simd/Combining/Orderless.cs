using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fuser.Kernels.Targets.Simd.Combining;

/// <summary>Combines vector by vector, which needs no shuffles, where the order decides nothing.</summary>
internal static unsafe class Orderless
{
    /// <summary>Fewer are not worth another way.</summary>
    public const int FewValues = 64;

    /// <param name="count">At least <see cref="FewValues"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Combine<T, TCombination>(T* values, long count)
        where T : unmanaged, INumber<T>
        where TCombination : struct, ICombination<T>
    {
        long i = 1;
        var result = *values;
        if (Avx512F.IsSupported)
        {
            var n = Vector512<T>.Count;
            var (a, b, c, d) = (Vector512.Load(values), Vector512.Load(values + n), Vector512.Load(values + (2 * n)), Vector512.Load(values + (3 * n)));
            for (i = 4 * n; i <= count - (4 * n); i += 4 * n)
            {
                for (var line = 0; line < 4; line++)
                {
                    Sse.Prefetch1((byte*)(values + i + (line * n)) + Prefetching.AheadBytes);
                }

                a = TCombination.Of(a, Vector512.Load(values + i));
                b = TCombination.Of(b, Vector512.Load(values + i + n));
                c = TCombination.Of(c, Vector512.Load(values + i + (2 * n)));
                d = TCombination.Of(d, Vector512.Load(values + i + (3 * n)));
            }

            for (; i <= count - n; i += n)
            {
                a = TCombination.Of(a, Vector512.Load(values + i));
            }

            var both = TCombination.Of(TCombination.Of(a, b), TCombination.Of(c, d));
            result = OfLanes<T, TCombination>(TCombination.Of(both.GetLower(), both.GetUpper()));
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            var (a, b) = (Vector256.Load(values), Vector256.Load(values + Vector256<T>.Count));
            for (i = 2 * Vector256<T>.Count; i <= count - (2 * Vector256<T>.Count); i += 2 * Vector256<T>.Count)
            {
                a = TCombination.Of(a, Vector256.Load(values + i));
                b = TCombination.Of(b, Vector256.Load(values + i + Vector256<T>.Count));
            }

            result = OfLanes<T, TCombination>(TCombination.Of(a, b));
        }

        for (; i < count; i++)
        {
            result = TCombination.Of(result, values[i]);
        }

        return result;
    }

    private static T OfLanes<T, TCombination>(Vector256<T> vector)
        where T : unmanaged, INumber<T>
        where TCombination : struct, ICombination<T>
    {
        var result = vector[0];
        for (var lane = 1; lane < Vector256<T>.Count; lane++)
        {
            result = TCombination.Of(result, vector[lane]);
        }

        return result;
    }
}
