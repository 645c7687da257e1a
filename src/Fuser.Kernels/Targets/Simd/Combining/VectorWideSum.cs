using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fuser.Kernels.Targets.Simd.Combining;

/// <summary>Adds float32 values in float64 with the widest vectors of the machine: two or three levels of the tree on the way from memory.</summary>
internal sealed unsafe class VectorWideSum : Combiner
{
    public override int ValueSize => sizeof(float);

    public override int ResultSize => sizeof(double);

    public override Combiner OfResults { get; } = new VectorCombiner<double, Sum<double>>();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Reduce(byte* values, long count, byte* scratch, byte* result)
    {
        if (Avx512F.IsSupported)
        {
            NeighbourSums.Of((float*)values, count, (double*)scratch);
            OfResults.Reduce(scratch, (count + NeighbourSums.Together - 1) / NeighbourSums.Together, scratch, result);
            return;
        }

        Quarter((float*)values, count, (double*)scratch);
        OfResults.Reduce(scratch, (count + 3) / 4, scratch, result);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Combine(byte* left, byte* right, byte* results, long count)
    {
        var a = (float*)left;
        var b = (float*)right;
        var c = (double*)results;
        long i = 0;
        if (Avx512F.IsSupported)
        {
            for (; i <= count - Vector512<double>.Count; i += Vector512<double>.Count)
            {
                (Avx512F.ConvertToVector512Double(Vector256.Load(a + i)) + Avx512F.ConvertToVector512Double(Vector256.Load(b + i))).Store(c + i);
            }
        }
        else if (Avx.IsSupported)
        {
            for (; i <= count - Vector256<double>.Count; i += Vector256<double>.Count)
            {
                (Avx.ConvertToVector256Double(Vector128.Load(a + i)) + Avx.ConvertToVector256Double(Vector128.Load(b + i))).Store(c + i);
            }
        }

        for (; i < count; i++)
        {
            Unsafe.WriteUnaligned(c + i, Read(a + i) + Read(b + i));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void CombineEight(byte* first, long step, byte* results, long count)
    {
        var c = (double*)results;
        long i = 0;
        if (Avx512F.IsSupported)
        {
            for (; i <= count - Vector512<double>.Count; i += Vector512<double>.Count)
            {
                var v = first + (i * sizeof(float));
                if ((i & (Vector512<float>.Count - 1)) == 0)
                {
                    Prefetching.NextEight(v, step);
                }

                (Wide512(v, step) + Wide512(v + (2 * step), step) + (Wide512(v + (4 * step), step) + Wide512(v + (6 * step), step))).Store(c + i);
            }
        }
        else if (Avx.IsSupported)
        {
            for (; i <= count - Vector256<double>.Count; i += Vector256<double>.Count)
            {
                var v = first + (i * sizeof(float));
                (Wide256(v, step) + Wide256(v + (2 * step), step) + (Wide256(v + (4 * step), step) + Wide256(v + (6 * step), step))).Store(c + i);
            }
        }

        for (; i < count; i++)
        {
            var v = first + (i * sizeof(float));
            Unsafe.WriteUnaligned(c + i, Wide(v, step) + Wide(v + (2 * step), step) + (Wide(v + (4 * step), step) + Wide(v + (6 * step), step)));
        }
    }

    public override void Convert(byte* values, byte* results, long count)
    {
        for (long i = 0; i < count; i++)
        {
            Unsafe.WriteUnaligned((double*)results + i, Read((float*)values + i));
        }
    }

    /// <summary>Two levels of the tree: four neighbours become one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Quarter(float* values, long count, double* result)
    {
        var fours = count / 4;
        long i = 0;
        if (Avx2.IsSupported)
        {
            for (; i <= fours - Vector256<double>.Count; i += Vector256<double>.Count)
            {
                // The lower halves hold the pairs of the lower half of both vectors, and what is unpacked puts them back in order.
                var (first, second) = Pairs.Split(Vector256.Load(values + (4 * i)), Vector256.Load(values + (4 * i) + Vector256<float>.Count));
                var low = Avx.ConvertToVector256Double(first.GetLower()) + Avx.ConvertToVector256Double(second.GetLower());
                var high = Avx.ConvertToVector256Double(first.GetUpper()) + Avx.ConvertToVector256Double(second.GetUpper());
                (Avx.UnpackLow(low, high) + Avx.UnpackHigh(low, high)).Store(result + i);
            }
        }

        for (; i < fours; i++)
        {
            var four = values + (4 * i);
            Unsafe.WriteUnaligned(result + i, Read(four) + Read(four + 1) + (Read(four + 2) + Read(four + 3)));
        }

        var rest = values + (4 * fours);
        switch (count % 4)
        {
            case 1:
                Unsafe.WriteUnaligned(result + fours, Read(rest));
                break;
            case 2:
                Unsafe.WriteUnaligned(result + fours, Read(rest) + Read(rest + 1));
                break;
            case 3:
                Unsafe.WriteUnaligned(result + fours, Read(rest) + Read(rest + 1) + Read(rest + 2));
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Wide512(byte* v, long step) =>
        Avx512F.ConvertToVector512Double(Vector256.Load((float*)v)) + Avx512F.ConvertToVector512Double(Vector256.Load((float*)(v + step)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Wide256(byte* v, long step) =>
        Avx.ConvertToVector256Double(Vector128.Load((float*)v)) + Avx.ConvertToVector256Double(Vector128.Load((float*)(v + step)));

    private static double Wide(byte* v, long step) => Read((float*)v) + Read((float*)(v + step));

    private static double Read(float* value) => Unsafe.ReadUnaligned<float>(value);
}
