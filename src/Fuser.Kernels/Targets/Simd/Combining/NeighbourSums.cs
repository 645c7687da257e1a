using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.Simd.Combining;

/// <summary>
/// Three levels of the fixed tree at once, in registers: eight neighbours become one. What is missing at the end is -0, which changes nothing it is added to: an odd last value
/// moves up as it is. Needs AVX-512.
/// </summary>
/// <remarks>
/// The processor does one shuffle a cycle, and two additions or conversions: shuffles are what there should be few of. Float32 values are sorted before they are made float64, 16 with a shuffle, in
/// such an order that the sums of neighbours are neighbouring vectors; 64 values take 6 shuffles where sorting float64 values takes 14.
/// </remarks>
internal static unsafe class NeighbourSums
{
    /// <summary>Values that become one.</summary>
    public const int Together = 8;

    private const int Block = Together * Together;

    /// <summary>Blocks that are sorted into different memory, so that none waits for what the one before wrote to be read.</summary>
    private const int BlocksUnderWay = 8;

    private const int LinesPerPrefetch = 2;

    /// <summary>Adds in float64; <paramref name="results"/> has room for an eighth of <paramref name="count"/>, rounded up to eight.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Of(float* values, long count, double* results)
    {
        var memory = stackalloc byte[(BlocksUnderWay * Block * sizeof(float)) + MemorySizes.CacheLine];
        var sorted = (float*)(((nint)memory + MemorySizes.CacheLine - 1) & -MemorySizes.CacheLine);
        long i = 0;
        for (; i <= count - Block; i += Block)
        {
            var v = values + i;
            for (var line = 0; line < Block * sizeof(float); line += LinesPerPrefetch * MemorySizes.CacheLine)
            {
                Sse.Prefetch1((byte*)v + Prefetching.AheadBytes + line);
            }

            OfBlock(Vector512.Load(v), Vector512.Load(v + 16), Vector512.Load(v + 32), Vector512.Load(v + 48), sorted + (i & ((BlocksUnderWay - 1) * Block))).Store(results + (i / Together));
        }

        if (i < count)
        {
            var v = values + i;
            var rest = (int)(count - i);
            OfBlock(Rest(v, rest), Rest(v + 16, rest - 16), Rest(v + 32, rest - 32), Rest(v + 48, rest - 48), sorted + (i & ((BlocksUnderWay - 1) * Block))).Store(results + (i / Together));
        }
    }

    /// <summary>The results may lie over the values: a block is read before what is written reaches it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Of(double* values, long count, double* results)
    {
        long i = 0;
        for (; i <= count - Block; i += Block)
        {
            var v = values + i;
            Tree(Vector512.Load(v), Vector512.Load(v + 8), Vector512.Load(v + 16), Vector512.Load(v + 24), Vector512.Load(v + 32), Vector512.Load(v + 40), Vector512.Load(v + 48), Vector512.Load(v + 56))
                .Store(results + (i / Together));
        }

        if (i < count)
        {
            TreeOfRest(values + i, count - i).Store(results + (i / Together));
        }
    }

    /// <summary>The rest of the tree over at most 64 values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double OfLast(double* values, long count)
    {
        var areFew = count <= 2 * Together;
        var first = areFew ? Rest(values, count) : TreeOfRest(values, count);
        var second = areFew ? Rest(values + Together, count - Together) : Vector512.Create(-0.0);
        var pairs = OfPairs(first, second);
        var fours = pairs + Avx512F.Shuffle4x128(pairs, pairs, 0b10_11_00_01);
        var eights = fours.GetLower().GetLower() + fours.GetUpper().GetLower();
        return eights.ToScalar() + eights.GetElement(1);
    }

    /// <summary>Values that <see cref="OfLast"/> takes.</summary>
    public static bool AreLast(long count) => count <= Block;

    /// <summary>Sorts 64 values so that what is added lies in the same place of different vectors, and adds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> OfBlock(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* sorted)
    {
        var fours = FoursOf(a, b, sorted);
        var more = FoursOf(c, d, sorted + (Block / 2));
        return Avx512F.InsertVector256(fours, more.GetLower(), 1) + Avx512F.Shuffle4x128(fours, more, 0b11_10_11_10);
    }

    /// <summary>Of 32 values those at 0, 8, 16, 24 and their three neighbours each, then those at 4, 12, 20, 28 and theirs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> FoursOf(Vector512<float> a, Vector512<float> b, float* sorted)
    {
        Avx512F.PermuteVar16x32x2(a, Vector512.Create(0, 8, 16, 24, 4, 12, 20, 28, 2, 10, 18, 26, 6, 14, 22, 30), b).Store(sorted);
        Avx512F.PermuteVar16x32x2(a, Vector512.Create(1, 9, 17, 25, 5, 13, 21, 29, 3, 11, 19, 27, 7, 15, 23, 31), b).Store(sorted + 16);

        // Through memory, because a conversion from memory needs no shuffle, unlike one from a register.
        return Wide(sorted) + Wide(sorted + 16) + (Wide(sorted + 8) + Wide(sorted + 24));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Wide(float* values) => Avx512F.ConvertToVector512Double(Vector256.Load(values));

    /// <summary>Fewer than a vector's values, or none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Rest(float* values, int count) =>
        Avx512F.MaskLoad(values, Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle(), Vector512.Create(-0f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Rest(double* values, long count) =>
        Avx512F.MaskLoad(values, Vector512.LessThan(Vector512<long>.Indices, Vector512.Create(count)).AsDouble(), Vector512.Create(-0.0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> TreeOfRest(double* v, long count) => Tree(
        Rest(v, count), Rest(v + 8, count - 8), Rest(v + 16, count - 16), Rest(v + 24, count - 24), Rest(v + 32, count - 32), Rest(v + 40, count - 40), Rest(v + 48, count - 48), Rest(v + 56, count - 56));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Tree(
        Vector512<double> a,
        Vector512<double> b,
        Vector512<double> c,
        Vector512<double> d,
        Vector512<double> e,
        Vector512<double> f,
        Vector512<double> g,
        Vector512<double> h) => OfHalves(OfHalves(OfPairs(a, b), OfPairs(c, d)), OfHalves(OfPairs(e, f), OfPairs(g, h)));

    /// <summary>Neighbouring values: the sums of a's and b's pairs alternate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> OfPairs(Vector512<double> a, Vector512<double> b) => Avx512F.UnpackLow(a, b) + Avx512F.UnpackHigh(a, b);

    /// <summary>Neighbouring halves of 256 bits: those of a come first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> OfHalves(Vector512<double> a, Vector512<double> b) => Avx512F.Shuffle4x128(a, b, 0b10_00_10_00) + Avx512F.Shuffle4x128(a, b, 0b11_01_11_01);
}
