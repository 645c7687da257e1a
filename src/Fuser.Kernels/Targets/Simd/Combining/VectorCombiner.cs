using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fuser.Kernels.Targets.Simd.Combining;

/// <summary>Combines with the widest vectors of the machine. The width changes how many pairs are combined at once, never which.</summary>
internal sealed unsafe class VectorCombiner<T, TCombination> : Combiner
    where T : unmanaged, INumber<T>
    where TCombination : struct, ICombination<T>
{
    public override int ValueSize => sizeof(T);

    public override int ResultSize => sizeof(T);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Reduce(byte* values, long count, byte* scratch, byte* result)
    {
        if (TCombination.IsOrderless && count >= Orderless.FewValues && Orderless.Combine<T, TCombination>((T*)values, count) is var any && any != T.Zero)
        {
            Unsafe.WriteUnaligned(result, any);
            return;
        }

        var level = (T*)values;
        if (typeof(TCombination) == typeof(Sum<double>) && Avx512F.IsSupported)
        {
            for (; !NeighbourSums.AreLast(count); count = (count + NeighbourSums.Together - 1) / NeighbourSums.Together)
            {
                NeighbourSums.Of((double*)level, count, (double*)scratch);
                level = (T*)scratch;
            }

            Unsafe.WriteUnaligned(result, NeighbourSums.OfLast((double*)level, count));
            return;
        }

        while (count > 1)
        {
            Halve(level, count, (T*)scratch);
            level = (T*)scratch;
            count = (count + 1) / 2;
        }

        Unsafe.WriteUnaligned(result, Unsafe.ReadUnaligned<T>(level));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Combine(byte* left, byte* right, byte* results, long count)
    {
        var a = (T*)left;
        var b = (T*)right;
        var c = (T*)results;
        long i = 0;
        if (Avx512F.IsSupported)
        {
            for (; i <= count - Vector512<T>.Count; i += Vector512<T>.Count)
            {
                TCombination.Of(Vector512.Load(a + i), Vector512.Load(b + i)).Store(c + i);
            }
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
            {
                TCombination.Of(Vector256.Load(a + i), Vector256.Load(b + i)).Store(c + i);
            }
        }

        for (; i < count; i++)
        {
            Unsafe.WriteUnaligned(c + i, TCombination.Of(Unsafe.ReadUnaligned<T>(a + i), Unsafe.ReadUnaligned<T>(b + i)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void CombineEight(byte* first, long step, byte* results, long count)
    {
        var c = (T*)results;
        long i = 0;
        if (Avx512F.IsSupported)
        {
            for (; i <= count - Vector512<T>.Count; i += Vector512<T>.Count)
            {
                var v = first + (i * sizeof(T));
                Prefetching.NextEight(v, step);
                TCombination.Of(
                    TCombination.Of(Pair512(v, step), Pair512(v + (2 * step), step)),
                    TCombination.Of(Pair512(v + (4 * step), step), Pair512(v + (6 * step), step))).Store(c + i);
            }
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            for (; i <= count - Vector256<T>.Count; i += Vector256<T>.Count)
            {
                var v = first + (i * sizeof(T));
                TCombination.Of(
                    TCombination.Of(Pair256(v, step), Pair256(v + (2 * step), step)),
                    TCombination.Of(Pair256(v + (4 * step), step), Pair256(v + (6 * step), step))).Store(c + i);
            }
        }

        for (; i < count; i++)
        {
            var v = first + (i * sizeof(T));
            Unsafe.WriteUnaligned(c + i, TCombination.Of(TCombination.Of(Pair(v, step), Pair(v + (2 * step), step)), TCombination.Of(Pair(v + (4 * step), step), Pair(v + (6 * step), step))));
        }
    }

    public override void Convert(byte* values, byte* results, long count) => Buffer.MemoryCopy(values, results, count * sizeof(T), count * sizeof(T));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Pair512(byte* v, long step) => TCombination.Of(Vector512.Load((T*)v), Vector512.Load((T*)(v + step)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Pair256(byte* v, long step) => TCombination.Of(Vector256.Load((T*)v), Vector256.Load((T*)(v + step)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Pair(byte* v, long step) => TCombination.Of(Unsafe.ReadUnaligned<T>(v), Unsafe.ReadUnaligned<T>(v + step));

    /// <summary>One level of the tree. The result may lie over the values: pairs are read before what is written reaches them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Halve(T* values, long count, T* result)
    {
        var pairs = count / 2;
        long i = 0;
        if (Avx512F.IsSupported)
        {
            for (; i <= pairs - Vector512<T>.Count; i += Vector512<T>.Count)
            {
                var (first, second) = Pairs.Split(Vector512.Load(values + (2 * i)), Vector512.Load(values + (2 * i) + Vector512<T>.Count));
                TCombination.Of(first, second).Store(result + i);
            }
        }

        if (Avx2.IsSupported)
        {
            for (; i <= pairs - Vector256<T>.Count; i += Vector256<T>.Count)
            {
                var (first, second) = Pairs.Split(Vector256.Load(values + (2 * i)), Vector256.Load(values + (2 * i) + Vector256<T>.Count));
                Pairs.Sort(TCombination.Of(first, second)).Store(result + i);
            }
        }

        for (; i < pairs; i++)
        {
            Unsafe.WriteUnaligned(result + i, TCombination.Of(Unsafe.ReadUnaligned<T>(values + (2 * i)), Unsafe.ReadUnaligned<T>(values + (2 * i) + 1)));
        }

        if ((count & 1) != 0)
        {
            Unsafe.WriteUnaligned(result + pairs, Unsafe.ReadUnaligned<T>(values + count - 1));
        }
    }
}
