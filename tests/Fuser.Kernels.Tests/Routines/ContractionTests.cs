using System.Collections.Immutable;
using System.Numerics;
using Fuser.Kernels.Devices.Routines.Products;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Routines;

/// <summary>Products against plain loops in the order that docs/numerics.md fixes, bit for bit.</summary>
public sealed unsafe class ContractionTests
{
    private static readonly SimdWidth[] Widths = [.. new[] { SimdWidth.V128, SimdWidth.V256, SimdWidth.V512 }.Where(SimdWidths.IsAccelerated), SimdWidth.None];

    public static TheoryData<int> Seeds => new(Enumerable.Range(0, 60));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_shape_stride_width_and_thread_count_gives_the_bits_of_a_plain_loop(int seed)
    {
        var random = new Random(seed);
        switch (seed % 4)
        {
            case 0: Check(random, DType.Float32, r => ((float)r.NextDouble() - 0.5f) * MathF.Pow(10, r.Next(-3, 4)), MathF.FusedMultiplyAdd); break;
            case 1: Check(random, DType.Float64, r => (r.NextDouble() - 0.5) * Math.Pow(10, r.Next(-3, 4)), Math.FusedMultiplyAdd); break;
            case 2: Check(random, DType.Int32, r => r.Next(int.MinValue, int.MaxValue), (a, b, c) => unchecked((a * b) + c)); break;
            default: Check(random, DType.Int64, r => r.NextInt64(long.MinValue, long.MaxValue), (a, b, c) => unchecked((a * b) + c)); break;
        }
    }

    [Fact]
    public void A_sum_does_not_depend_on_what_else_the_product_computes()
    {
        var random = new Random(5);
        var (a, b) = (Numbers(random, 70 * 900), Numbers(random, 900 * 130));
        var whole = Multiply(NdArray.From(a, 70, 900), NdArray.From(b, 900, 130)).ToArray<float>();
        for (var row = 0; row < 70; row += 23)
        {
            var line = Multiply(NdArray.From(a[(row * 900)..((row + 1) * 900)], 1, 900), NdArray.From(b, 900, 130)).ToArray<float>();
            line.ShouldBe(whole[(row * 130)..((row + 1) * 130)]);
        }

        static NdArray Multiply(NdArray a, NdArray b) => Programs.Run(Programs.Text("a b", "%c = aten::mm(%a, %b)", "c"), a, b)[0];
    }

    /// <summary>A pairwise error grows with the number of blocks and the length of a chain, far below that of adding in order.</summary>
    [Fact]
    public void Its_error_on_long_sums_is_below_that_of_adding_in_order()
    {
        var random = new Random(9);
        var (a, b) = (Numbers(random, 200_000).Select(Math.Abs).ToArray(), Numbers(random, 200_000).Select(Math.Abs).ToArray());
        var exact = a.Zip(b, (x, y) => (double)x * y).Sum();
        var inOrder = a.Zip(b).Aggregate(0f, (sum, pair) => MathF.FusedMultiplyAdd(pair.First, pair.Second, sum));
        var ours = Programs.Run(Programs.Text("a b", "%c = aten::dot(%a, %b)", "c"), NdArray.From(a), NdArray.From(b))[0].ToArray<float>()[0];
        (Math.Abs(ours - exact) * 10).ShouldBeLessThan(Math.Abs(inOrder - exact));
    }

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble() - 0.5f)];

    private static void Check<T>(Random random, DType dtype, Func<Random, T> number, Func<T, T, T, T> multiplyAdd)
        where T : unmanaged, INumber<T>
    {
        // A few large, so that threads and blocks of terms take part; the others small and odd, with axes of size 0 and 1.
        var isLarge = random.Next(5) == 0;
        long Size(int most) => random.Next(12) == 0 ? random.Next(2) : random.Next(1, most);
        long[] Sizes(int axes, int most) => [.. Enumerable.Range(0, axes).Select(_ => axes > 1 ? Math.Min(Size(most), 9) : Size(most))];
        var (batch, rows, columns) = (Sizes(random.Next(3), 4), Sizes(random.Next(3), isLarge ? 220 : 40), Sizes(random.Next(3), isLarge ? 300 : 70));
        var summed = Sizes(random.Next(3), random.Next(3) == 0 ? 700 : 30);
        var left = Operand(random, 0, dtype, [.. batch, .. rows, .. summed], mayRepeat: true);
        var right = Operand(random, 1, dtype, [.. batch, .. summed, .. columns], mayRepeat: true);
        var result = Operand(random, 2, dtype, [.. batch, .. rows, .. columns], mayRepeat: false);
        var memory = new[] { Fill(left.Length), Fill(right.Length), new T[result.Length] };
        var expected = new T[result.Length];
        Plain(memory[0], left.Operand.Layout, memory[1], right.Operand.Layout, expected, result.Operand.Layout, (batch.Length, rows.Length, columns.Length), summed, multiplyAdd);
        var contraction = new Contraction("test", batch.Length, rows.Length, columns.Length, summed.Length);
        foreach (var width in Widths)
        {
            foreach (var threads in new[] { 1, 2, 3, 4 })
            {
                Array.Clear(memory[2]);
                Run(ContractionLaunch.Of(contraction, left.Operand, right.Operand, result.Operand, width), memory, threads);
                memory[2].AsSpan().SequenceEqual(expected).ShouldBeTrue($"{left.Operand.Layout} times {right.Operand.Layout} to {result.Operand.Layout}, {width}, {threads} threads");
            }
        }

        T[] Fill(long length) => [.. Enumerable.Range(0, (int)length).Select(_ => number(random))];
    }

    private static void Run<T>(ContractionLaunch launch, T[][] memory, int threads)
        where T : unmanaged
    {
        fixed (T* a = memory[0], b = memory[1], c = memory[2])
        {
            var buffers = stackalloc byte*[] { (byte*)a, (byte*)b, (byte*)c };
            launch.Run(buffers, threads);
        }
    }

    /// <summary>An operand with its axes in any order in memory, some backwards, some repeated, some with gaps.</summary>
    private static (RoutineOperand Operand, long Length) Operand(Random random, int buffer, DType dtype, long[] sizes, bool mayRepeat)
    {
        var order = Enumerable.Range(0, sizes.Length).ToArray();
        if (random.Next(2) == 0)
        {
            random.Shuffle(order);
        }

        var strides = new long[sizes.Length];
        var (stride, offset) = (1L, (long)random.Next(5));
        foreach (var axis in order.Reverse())
        {
            if (mayRepeat && random.Next(8) == 0)
            {
                continue;
            }

            stride *= random.Next(6) == 0 ? 2 : 1;
            strides[axis] = stride;
            stride *= Math.Max(sizes[axis], 1);
            if (random.Next(6) == 0)
            {
                offset += strides[axis] * Math.Max(sizes[axis] - 1, 0);
                strides[axis] = -strides[axis];
            }
        }

        return (new RoutineOperand(buffer, dtype, new TensorLayout([.. sizes], [.. strides], offset)), offset + stride + 1);
    }

    private static void Plain<T>(T[] left, TensorLayout l, T[] right, TensorLayout r, T[] result, TensorLayout d, (int Batch, int Rows, int Columns) axes, long[] summed, Func<T, T, T, T> multiplyAdd)
        where T : INumber<T>
    {
        var terms = Shapes.ElementCount(summed);
        foreach (var at in Indices(d.Sizes))
        {
            var (batch, row, column) = (at[..axes.Batch], at[axes.Batch..(axes.Batch + axes.Rows)], at[(axes.Batch + axes.Rows)..]);
            var total = T.Zero;
            for (long block = 0; block < terms; block += Contraction.BlockLength)
            {
                var chains = new T[Math.Min(Contraction.Chains, terms - block)];
                for (var term = block; term < Math.Min(block + Contraction.BlockLength, terms); term++)
                {
                    var k = Unravel(term, summed);
                    ref var chain = ref chains[(term - block) % Contraction.Chains];
                    chain = multiplyAdd(left[Place(l, [.. batch, .. row, .. k])], right[Place(r, [.. batch, .. k, .. column])], chain);
                }

                var sum = chains[0];
                for (var chain = 1; chain < chains.Length; chain++)
                {
                    sum += chains[chain];
                }

                total = block == 0 ? sum : total + sum;
            }

            result[Place(d, at)] = total;
        }
    }

    private static IEnumerable<long[]> Indices(ImmutableArray<long> sizes)
    {
        var count = Shapes.ElementCount(sizes.AsSpan());
        for (long i = 0; i < count; i++)
        {
            yield return Unravel(i, [.. sizes]);
        }
    }

    private static long[] Unravel(long index, long[] sizes)
    {
        var at = new long[sizes.Length];
        for (var axis = sizes.Length - 1; axis >= 0; axis--)
        {
            (index, at[axis]) = Math.DivRem(index, sizes[axis]);
        }

        return at;
    }

    private static long Place(TensorLayout layout, long[] at)
    {
        var place = layout.Offset;
        for (var axis = 0; axis < at.Length; axis++)
        {
            place += at[axis] * layout.Strides[axis];
        }

        return place;
    }
}
