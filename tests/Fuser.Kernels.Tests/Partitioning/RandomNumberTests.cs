using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Partitioning;

public sealed class RandomNumberTests
{
    private const string Draw = "aten::rand_like(%{0}, %none, %none, %none, %none, %none)";

    private static readonly string Drawn = Programs.Text("x", "%r = " + Of("x"), "r");

    [Fact]
    public void Numbers_are_in_the_unit_interval_and_spread_over_it()
    {
        var values = Sample(Drawn, 5, NdArray.From(new float[100_000]))[0].ToArray<float>();
        values.ShouldAllBe(value => value >= 0 && value < 1);
        values.Average().ShouldBe(0.5f, 0.01f);
        values.Distinct().Count().ShouldBeGreaterThan(99_000);
    }

    [Fact]
    public void A_seed_gives_the_same_numbers_and_another_seed_others()
    {
        var x = NdArray.From(new float[60], 3, 4, 5);
        var first = Sample(Drawn, 5, x)[0].ToArray<float>();
        Sample(Drawn, 5, x)[0].ToArray<float>().ShouldBe(first);
        Sample(Drawn, 6, x)[0].ToArray<float>().Intersect(first).Count().ShouldBeLessThan(3);
    }

    [Fact]
    public void Several_random_nodes_differ()
    {
        var results = Sample(Programs.Text("x", $"%a = {Of("x")}; %b = {Of("x")}", "a b"), 5, NdArray.From(new float[100]));
        results[0].ToArray<float>().Intersect(results[1].ToArray<float>()).Count().ShouldBeLessThan(3);
    }

    [Fact]
    public void A_broadcast_random_number_is_drawn_once()
    {
        var text = Programs.Text("x y", $"%r = {Of("y")}; %m = aten::mul(%r, %x); %s = aten::add(%m, %x, %i1)", "s");
        var rows = Programs.Run(text, Ones(4, 4), Ones(4))[0].ToArray<float>().Chunk(4).ToArray();
        rows.ShouldAllBe(row => row.SequenceEqual(rows[0]));
        rows[0].Distinct().Count().ShouldBe(4);
    }

    [Fact]
    public void A_view_of_random_numbers_sees_the_numbers_of_its_elements()
    {
        var body = $"%r = {Of("x")}; %t = aten::transpose(%r, %i0, %i1); %s = aten::slice(%r, %i1, %i1, %none, %i2); %q = aten::mul(%t, %i1); %u = aten::mul(%s, %i1)";
        var results = Programs.Run(Programs.Text("x", body, "r q u"), Ones(6, 7));
        var (r, q, u) = (results[0].ToArray<float>(), results[1].ToArray<float>(), results[2].ToArray<float>());
        q.ShouldBe(Enumerable.Range(0, 42).Select(i => r[(i % 6 * 7) + (i / 6)]));
        u.ShouldBe(Enumerable.Range(0, 18).Select(i => r[(i / 3 * 7) + 1 + (i % 3 * 2)]));
    }

    [Fact]
    public void The_number_of_threads_does_not_matter()
    {
        var x = NdArray.From(new float[700_001]);
        var one = Compiled(Drawn, x).Run([x], 9, 1)[0].ToArray<float>();
        Compiled(Drawn, x).Run([x], 9, 7)[0].ToArray<float>().ShouldBe(one);
    }

    [Fact]
    public void Dropout_keeps_a_share_and_scales_it()
    {
        var text = Programs.Text("x", "%p : float = prim::Constant[value=0.25](); %y = aten::dropout(%x, %p, %true)", "y");
        var values = Sample(text, 5, Ones(40_000))[0].ToArray<float>();
        values.Distinct().Order().ShouldBe([0, 1 / 0.75f]);
        values.Count(value => value != 0).ShouldBeInRange(29_500, 30_500);
    }

    /// <summary>Known answers, the first published with the generator. The key is the seed; the counter is the element and the node.</summary>
    [Theory]
    [InlineData(0L, 0, 0, 0x6627e8d5u)]
    [InlineData(42L, 0, 0, 0x9ceaf053u)]
    [InlineData(42L, 1, 0, 0x02933769u)]
    [InlineData(42L, 0, 1, 0xfcdb2127u)]
    [InlineData(42L, 5, 1, 0x98712bb9u)]
    public void Numbers_are_the_words_of_Philox(long seed, int node, int element, uint word)
    {
        Philox(seed, (uint)node, element).ShouldBe(word);
        var nodes = string.Join("; ", Enumerable.Range(0, 6).Select(i => $"%r{i} = {Of("x")}"));
        var values = Sample(Programs.Text("x", nodes, "r0 r1 r2 r3 r4 r5"), seed, NdArray.From(new float[9]));
        values[node].ToArray<float>()[element].ShouldBe((word >> 8) / (float)(1 << 24));
    }

    [Theory]
    [InlineData(-1L)]
    [InlineData(long.MinValue)]
    [InlineData(0x123456789abcdefL)]
    public void All_bits_of_the_seed_count(long seed) =>
        Sample(Drawn, seed, NdArray.From(new float[50]))[0].ToArray<float>().ShouldBe(Enumerable.Range(0, 50).Select(i => (Philox(seed, 0, i) >> 8) / (float)(1 << 24)));

    /// <summary>The first word of a block, written as in the paper.</summary>
    private static uint Philox(long seed, uint node, long element)
    {
        var (c0, c1, c2, c3) = ((uint)element, (uint)(element >> 32), node, 0u);
        var (k0, k1) = ((uint)seed, (uint)(seed >> 32));
        for (var round = 0; round < 10; round++)
        {
            var (product0, product1) = ((ulong)c0 * 0xD2511F53, (ulong)c2 * 0xCD9E8D57);
            (c0, c1, c2, c3) = ((uint)(product1 >> 32) ^ c1 ^ k0, (uint)product1, (uint)(product0 >> 32) ^ c3 ^ k1, (uint)product0);
            (k0, k1) = (k0 + 0x9E3779B9, k1 + 0xBB67AE85);
        }

        return c0;
    }

    private static string Of(string name) => Draw.Replace("{0}", name);

    private static NdArray Ones(params long[] shape) => NdArray.From([.. Enumerable.Repeat(1f, (int)Shapes.ElementCount(shape))], shape);

    private static CompiledGraph Compiled(string text, params FuserValue[] inputs) => KernelCompiler.Compile(GraphText.Parse(text), inputs, SimdTarget.Best);

    private static IReadOnlyList<NdArray> Sample(string text, long seed, params FuserValue[] inputs)
    {
        var expected = KernelCompiler.Compile(GraphText.Parse(text), inputs, InterpreterTarget.Instance).Run(inputs, seed);
        Properties.Bits.ShouldBeSame(Compiled(text, inputs).Run(inputs, seed), expected, text);
        return expected;
    }
}
