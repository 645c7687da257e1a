using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Routines;

/// <summary>Convolutions against plain loops in the order of docs/numerics.md, bit for bit, and what they must refuse.</summary>
public sealed class ConvolutionTests
{
    public static TheoryData<int> Seeds => new(Enumerable.Range(0, 40));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_setting_gives_the_bits_of_a_plain_loop(int seed)
    {
        var random = new Random(seed);
        var groups = random.Next(1, 4);
        var (n, c, o, h, w) = (random.Next(0, 3), groups * random.Next(1, 5), groups * random.Next(1, 9), random.Next(3, 20), random.Next(3, 24));
        var (kh, kw, stride, padding, dilation) = (random.Next(1, 4), random.Next(1, 4), random.Next(1, 4), random.Next(0, 3), random.Next(1, 2));
        var (x, k) = (Numbers(random, n, c, h, w), Numbers(random, o, c / groups, kh, kw));
        var text = Programs.Text("x k", $"""
            %s : int = prim::Constant[value={stride}]()
            %p : int = prim::Constant[value={padding}]()
            %d : int = prim::Constant[value={dilation}]()
            %g : int = prim::Constant[value={groups}]()
            %sl : int[] = prim::ListConstruct(%s, %s)
            %pl : int[] = prim::ListConstruct(%p, %p)
            %dl : int[] = prim::ListConstruct(%d, %d)
            %y = aten::conv2d(%x, %k, %none, %sl, %pl, %dl, %g)
            """, "y");
        var results = Programs.Run(text, x, k);
        Properties.Bits.ShouldBeSame(KernelCompiler.Compile(GraphText.Parse(text), [x, k], SimdTarget.Best).Run([x, k], threads: 3), results, "3 threads");

        var (xs, ks, y) = (x.ToArray<float>(), k.ToArray<float>(), results[0].ToArray<float>());
        var (rows, columns) = ((h + (2 * padding) - (dilation * (kh - 1)) - 1) / stride + 1, (w + (2 * padding) - (dilation * (kw - 1)) - 1) / stride + 1);
        results[0].Shape.ShouldBe([n, o, rows, columns]);
        for (var i = 0; i < y.Length; i++)
        {
            var (column, row, channel, batch) = (i % columns, i / columns % rows, i / columns / rows % o, i / columns / rows / o);
            var terms = new List<(float, float)>();
            for (var t = 0; t < c / groups * kh * kw; t++)
            {
                var (dx, dy, inner) = (t % kw, t / kw % kh, t / kw / kh);
                var (yy, xx) = ((row * stride) - padding + (dy * dilation), (column * stride) - padding + (dx * dilation));
                var inside = yy >= 0 && yy < h && xx >= 0 && xx < w;
                var from = (channel / (o / groups) * (c / groups)) + inner;
                terms.Add((ks[(((channel * (c / groups)) + inner) * kh * kw) + (dy * kw) + dx], inside ? xs[(((((batch * c) + from) * h) + yy) * w) + xx] : 0));
            }

            y[i].ShouldBe(Sum(terms));
        }
    }

    [Theory]
    [InlineData("%i0, %i0", "%i0, %i0", ErrorCodes.InvalidShape)]
    [InlineData("%in1, %i1", "%i0, %i0", ErrorCodes.InvalidShape)]
    [InlineData("%i1, %i1", "%in1, %i0", ErrorCodes.InvalidShape)]
    [InlineData("%i1, %i1, %i1", "%i0, %i0", ErrorCodes.InvalidShape)]
    [InlineData("%huge, %huge", "%huge, %huge", ErrorCodes.InvalidShape)]
    [InlineData("%i1, %i1", "%large, %large", ErrorCodes.SizeLimit)]
    public void Settings_that_make_no_sense_or_too_much_memory_are_refused(string stride, string padding, string code)
    {
        var text = Programs.Text("x k", $"""
            %huge : int = prim::Constant[value=9223372036854775807]()
            %large : int = prim::Constant[value=2147483647]()
            %s : int[] = prim::ListConstruct({stride})
            %p : int[] = prim::ListConstruct({padding})
            %d : int[] = prim::ListConstruct(%i1, %i1)
            %y = aten::conv2d(%x, %k, %none, %s, %p, %d, %i1)
            """, "y");
        Should.Throw<FuserException>(() => Programs.Run(text, Programs.Range(1, 2, 5, 5), Programs.Range(3, 2, 3, 3))).Code.ShouldBe(code);
    }

    [Fact]
    public void Windows_of_a_dilated_pool_that_lie_in_the_padding_alone_read_nothing()
    {
        var text = Programs.Text("x", """
            %three : int = prim::Constant[value=3]()
            %k : int[] = prim::ListConstruct(%i2, %i2)
            %s : int[] = prim::ListConstruct(%i1, %i1)
            %d : int[] = prim::ListConstruct(%three, %three)
            %y, %i = aten::max_pool2d_with_indices(%x, %k, %s, %s, %d, %false)
            """, "y");
        Programs.Run(text, NdArray.From([1f, 2, 3, 4], 1, 2, 2))[0].ToArray<float>().ShouldBe([float.NegativeInfinity]);
    }

    private static float Sum(List<(float A, float B)> terms)
    {
        var total = 0f;
        for (var block = 0; block < terms.Count; block += Contraction.BlockLength)
        {
            var chains = new float[Math.Min(Contraction.Chains, terms.Count - block)];
            for (var i = block; i < Math.Min(block + Contraction.BlockLength, terms.Count); i++)
            {
                ref var chain = ref chains[(i - block) % Contraction.Chains];
                chain = MathF.FusedMultiplyAdd(terms[i].A, terms[i].B, chain);
            }

            var sum = chains.Skip(1).Aggregate(chains[0], (a, b) => a + b);
            total = block == 0 ? sum : total + sum;
        }

        return total;
    }

    private static NdArray Numbers(Random random, params long[] shape) =>
        NdArray.From([.. Enumerable.Range(0, (int)Shapes.ElementCount(shape)).Select(_ => (float)random.NextDouble() - 0.5f)], shape);
}
