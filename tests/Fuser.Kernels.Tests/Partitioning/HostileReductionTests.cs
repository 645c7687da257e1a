using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Partitioning;

/// <summary>Reductions over shapes and layouts that nobody writes down on purpose: right and the same everywhere, or refused by name.</summary>
public sealed class HostileReductionTests
{
    private const string Normalised = "%e : float = prim::Constant[value=1e-5](); %n : int = aten::size(%x, %in1); %s : int[] = prim::ListConstruct(%n); %y = aten::layer_norm(%x, %s, %none, %none, %e, %false)";

    [Fact]
    public void A_chain_of_two_hundred_softmaxes()
    {
        var body = string.Join("; ", Enumerable.Range(0, 200).Select(i => $"%v{i + 1} = aten::softmax(%v{i}, %in1, %none)"));
        var result = Programs.Run(Programs.Text("v0", body, "v200"), Programs.Range(3, 9));
        foreach (var value in result[0].ToArray<float>())
        {
            value.ShouldBe(1f / 9, 1e-6f);
        }
    }

    [Theory]
    [InlineData("%y = aten::sum(%x, %none)")]
    [InlineData("%y = aten::softmax(%x, %in1, %none)")]
    [InlineData("%d : int[] = prim::ListConstruct(%i0, %i2, %in1); %y = aten::amax(%x, %d, %true)")]
    public void Sixty_four_axes(string body)
    {
        var shape = Enumerable.Range(0, 64).Select(axis => axis % 9 == 0 ? 2L : 1L).ToArray();
        Programs.Run(Programs.Text("x", body, "y"), Programs.Range(shape));
    }

    [Theory]
    [InlineData(1_000_000, 1)]
    [InlineData(1, 1_000_000)]
    [InlineData(100_000, 3)]
    public void Many_rows_of_hardly_anything_and_the_other_way_round(long rows, long elements)
    {
        Programs.Run(Programs.Text("x", "%y = aten::softmax(%x, %in1, %none)", "y"), Programs.Range(rows, elements));
        Programs.Run(Programs.Text("x", "%d : int[] = prim::ListConstruct(%i0); %y = aten::sum(%x, %d, %false, %none)", "y"), Programs.Range(rows, elements));
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(5, 0)]
    [InlineData(0, 0)]
    public void Nothing_sums_to_zero_and_normalises_to_nothing(long rows, long elements)
    {
        var x = NdArray.From(Array.Empty<float>(), rows, elements);
        var sums = Programs.Run(Programs.Text("x", "%d : int[] = prim::ListConstruct(%i1); %y = aten::sum(%x, %d, %false, %none); %z = aten::prod(%x, %i1, %false, %none); %q = aten::softmax(%x, %i1, %none)", "y z q"), x);
        sums[0].ToArray<float>().ShouldBe(new float[rows]);
        sums[1].ToArray<float>().ShouldBe([.. Enumerable.Repeat(1f, (int)rows)]);
        sums[2].Layout.Sizes.ShouldBe([rows, elements]);
        Programs.Run(Programs.Text("x", Normalised, "y"), x)[0].Layout.Sizes.ShouldBe([rows, elements]);
    }

    [Theory]
    [InlineData("%d : int[] = prim::ListConstruct(%i1); %y = aten::amax(%x, %d, %false)")]
    [InlineData("%y = aten::argmax(%x, %i1, %false)")]
    [InlineData("%y, %z = aten::max(%x, %i1, %false)")]
    [InlineData("%y = aten::max(%x)")]
    public void Nothing_has_no_extreme(string body)
    {
        var error = Should.Throw<FuserException>(() => Programs.Run(Programs.Text("x", body, "y"), NdArray.From(Array.Empty<float>(), 5, 0)));
        error.ShouldNotBeOfType<InternalFuserException>();
        error.Message.ShouldContain("0");
    }

    /// <summary>Broadcast rows, broadcast elements, both backwards, and windows that overlap.</summary>
    [Theory]
    [InlineData(7, 40, 0, 1, 0)]
    [InlineData(7, 40, 1, 0, 0)]
    [InlineData(7, 40, 0, 0, 3)]
    [InlineData(7, 40, -40, -1, 279)]
    [InlineData(7, 40, 40, -1, 39)]
    [InlineData(40, 7, -1, 40, 39)]
    [InlineData(40, 16, 1, -17, 255)]
    [InlineData(200, 80, 1, 1, 0)]
    [InlineData(33, 90, 3, 2, 1)]
    public void Any_strides(long rows, long elements, long rowStride, long elementStride, long offset)
    {
        var data = Enumerable.Range(0, 400).Select(i => ((i * 37 % 101) * 0.11f) - 5).ToArray();
        var x = NdArray.From(data.AsMemory(), new TensorLayout([rows, elements], [rowStride, elementStride], offset));
        foreach (var body in new[] { "%y = aten::softmax(%x, %i1, %none)", "%y = aten::softmax(%x, %i0, %none)", Normalised, "%y = aten::sum(%x, %none)", "%d : int[] = prim::ListConstruct(%i0); %y = aten::var(%x, %d, %true, %false)", "%y = aten::argmin(%x, %i0, %false)" })
        {
            var text = Programs.Text("x", body, "y");
            var strided = Programs.Run(text, x);
            Properties.Bits.ShouldBeSame(Programs.Run(text, NdArray.From(x.ToArray<float>(), rows, elements)), strided, body);
        }
    }
}
