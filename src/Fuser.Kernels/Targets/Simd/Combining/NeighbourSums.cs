using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Targets.Simd.Combining;

/// <summary>
/// Three levels of the fixed tree at once, in registers: eight neighbours become one. Eight vectors of eight values come to one vector of eight sums in order, with 14 shuffles where halving
/// level by level needs 24 and goes through memory twice. Needs AVX-512.
/// </summary>
internal static unsafe class NeighbourSums
{
    /// <summary>Values that become one.</summary>
    public const int Together = 8;

    private const int Block = Together * Together;

    /// <summary>Adds in float64; <paramref name="results"/> has room for an eighth of <paramref name="count"/>, rounded up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Of(float* values, long count, double* results)
    {
        long i = 0;
        for (; i <= count - Block; i += Block)
        {
            var v = values + i;
            for (var line = 0; line < Block * sizeof(float); line += MemorySizes.CacheLine)
            {
                Sse.Prefetch1((byte*)v + Prefetching.AheadBytes + line);
            }

            Tree(Wide(v), Wide(v + 8), Wide(v + 16), Wide(v + 24), Wide(v + 32), Wide(v + 40), Wide(v + 48), Wide(v + 56)).Store(results + (i / Together));
        }

        if (i < count)
        {
            var padded = stackalloc Vector512<double>[Together];
            for (var k = 0; k < Together; k++, i += Together)
            {
                padded[k] = i <= count - Together ? Wide(values + i) : Rest(values + i, count - i);
            }

            Store(TreeOf((double*)padded), results + ((i - Block) / Together), (count - i + Block + Together - 1) / Together);
        }
    }

    /// <summary>The results may lie over the values: a block is read before what is written reaches it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Of(double* values, long count, double* results)
    {
        long i = 0;
        for (; i <= count - Block; i += Block)
        {
            TreeOf(values + i).Store(results + (i / Together));
        }

        if (i < count)
        {
            var padded = stackalloc Vector512<double>[Together];
            for (var k = 0; k < Together; k++, i += Together)
            {
                padded[k] = i <= count - Together ? Vector512.Load(values + i) : Rest(values + i, count - i);
            }

            Store(TreeOf((double*)padded), results + ((i - Block) / Together), (count - i + Block + Together - 1) / Together);
        }
    }

    /// <summary>
    /// Fewer than a vector's values, or none, and for the others -0, which changes nothing it is added to: an odd last value moves up as it is.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Rest(float* values, long count)
    {
        var isThere = Vector256.LessThan(Vector256<int>.Indices, Vector256.Create((int)Math.Max(count, 0)));
        var there = Avx.MaskLoad(values, isThere.AsSingle());
        return Avx512F.ConvertToVector512Double(Vector256.ConditionalSelect(isThere.AsSingle(), there, Vector256.Create(-0f)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Rest(double* values, long count)
    {
        var isThere = Vector512.LessThan(Vector512<long>.Indices, Vector512.Create(Math.Max(count, 0)));
        return Avx512F.MaskLoad(values, isThere.AsDouble(), Vector512.Create(-0.0));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector512<double> sums, double* results, long count)
    {
        if (count == Together)
        {
            sums.Store(results);
        }
        else
        {
            Avx512F.MaskStore(results, Vector512.LessThan(Vector512<long>.Indices, Vector512.Create(count)).AsDouble(), sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> TreeOf(double* v) => Tree(
        Vector512.Load(v), Vector512.Load(v + 8), Vector512.Load(v + 16), Vector512.Load(v + 24), Vector512.Load(v + 32), Vector512.Load(v + 40), Vector512.Load(v + 48), Vector512.Load(v + 56));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Wide(float* values) => Avx512F.ConvertToVector512Double(Vector256.Load(values));

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
