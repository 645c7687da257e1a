using Fuser.Kernels.Specs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Specs;

/// <summary>What needs another kernel and what does not, where there are reductions.</summary>
public sealed class ReductionKeyTests
{
    private static readonly string Softmax = Programs.Text("x", "%y = aten::softmax(%x, %in1, %none)", "y");

    [Theory]
    [InlineData(7, 90)]
    [InlineData(1, 90)]
    [InlineData(300, 4096)]
    [InlineData(2, 5_000)]
    [InlineData(40, 33)]
    public void Other_sizes_need_no_other_kernel(long rows, long elements) => Same(Softmax, [Programs.Range(12, 100)], [Programs.Range(rows, elements)]);

    [Fact]
    public void Other_ranks_and_axes_in_front_need_no_other_kernel() => Same(Softmax, [Programs.Range(12, 100)], [Programs.Range(2, 3, 4, 100)]);

    [Fact]
    public void What_follows_from_the_shape_is_a_number_and_no_part_of_the_key()
    {
        var text = Programs.Text("x w", "%e : float = prim::Constant[value=1e-5](); %n : int = aten::size(%x, %i1); %s : int[] = prim::ListConstruct(%n); %y = aten::layer_norm(%x, %s, %w, %none, %e, %false)", "y");
        Same(text, [Programs.Range(6, 50), Programs.Range(50)], [Programs.Range(9, 70), Programs.Range(70)]);
    }

    [Theory]
    [InlineData("%d : int[] = prim::ListConstruct(%i1); %y = aten::var(%x, %d, %true, %false)")]
    [InlineData("%y = aten::argmax(%x, %i1, %false)")]
    [InlineData("%y = aten::mean(%x, %none)")]
    [InlineData("%a = aten::argmax(%x, %i1, %false); %y = aten::nll_loss(%x, %a, %none, %i1, %in1)")]
    public void Neither_the_number_of_elements_nor_their_indices_are_in_the_key(string body) =>
        Same(Programs.Text("x", body, "y"), [Programs.Range(6, 50)], [Programs.Range(9, 77)]);

    [Fact]
    public void A_strided_row_is_gathered_and_needs_no_other_kernel() => Same(
        Softmax,
        [Programs.Range(12, 100)],
        [NdArray.From(new float[12 * 300].AsMemory(), new TensorLayout([12, 100], [300, 3]))],
        [NdArray.From(new float[12 * 100].AsMemory(), new TensorLayout([12, 100], [100, -1], 99))]);

    [Fact]
    public void Rows_beside_each_other_are_walked_across_by_another_kernel()
    {
        var sum = Programs.Text("x", "%d : int[] = prim::ListConstruct(%i1); %y = aten::sum(%x, %d, %false, %none)", "y");
        var (along, across) = (Only(sum, Programs.Range(40, 100)), Only(sum, NdArray.From(new float[4000].AsMemory(), new TensorLayout([40, 100], [1, 40]))));
        across.Spec.ShouldBe(along.Spec);
        KeyDifference.Explain(across.Arguments, [along.Arguments]).ShouldBe("rows are walked across, they were walked along");
        KeyDifference.Explain(along.Arguments, [across.Arguments]).ShouldBe("rows are walked along, they were walked across");
    }

    [Fact]
    public void Another_dtype_needs_another_kernel()
    {
        var (known, wanted) = (Only(Softmax, Programs.Range(12, 100)), Only(Softmax, NdArray.From(new double[1200], 12, 100)));
        KeyDifference.Explain(wanted.Arguments, [known.Arguments]).ShouldBe("argument 0 became float64, it was float32; argument 1 became float64, it was float32");
    }

    [Fact]
    public void What_became_one_value_per_row_needs_another_kernel()
    {
        var text = Programs.Text("x y", "%a = aten::mul(%x, %y); %y2 = aten::softmax(%a, %in1, %none)", "y2");
        var (known, wanted) = (Only(text, Programs.Range(12, 100), Programs.Range(12, 100)), Only(text, Programs.Range(12, 100), Programs.Range(12, 1)));
        KeyDifference.Explain(wanted.Arguments, [known.Arguments]).ShouldBe("argument 1 became one value per row; argument 1 became constant along the inner axis");
    }

    [Fact]
    public void Reduced_axes_are_in_no_key_but_kinds_and_constants_are()
    {
        static Specialisation Of(string body, params long[] shape) => Only(Programs.Text("x", $"%d0 : int[] = prim::ListConstruct(%i0); %d1 : int[] = prim::ListConstruct(%i1); {body}", "y"), Programs.Range(shape));
        var sum = Of("%y = aten::sum(%x, %d1, %false, %none)", 5, 40);
        Of("%y = aten::sum(%x, %d0, %false, %none)", 40, 5).Spec.ShouldBe(sum.Spec);
        Of("%y = aten::amax(%x, %d1, %false)", 5, 40).Spec.ShouldNotBe(sum.Spec);
        Of("%b = aten::add(%x, %i1, %i1); %y = aten::sum(%b, %d1, %false, %none)", 5, 40).Spec.ShouldNotBe(Of("%b = aten::add(%x, %i2, %i1); %y = aten::sum(%b, %d1, %false, %none)", 5, 40).Spec);
    }

    private static void Same(string text, params FuserValue[][] calls)
    {
        var first = Programs.Specialise(text, calls[0]);
        foreach (var call in calls.Skip(1))
        {
            var other = Programs.Specialise(text, call);
            other.Select(kernel => kernel.Spec).ShouldBe(first.Select(kernel => kernel.Spec));
            other.Select(kernel => kernel.Arguments).ShouldBe(first.Select(kernel => kernel.Arguments));
        }
    }

    private static Specialisation Only(string text, params FuserValue[] inputs) => Programs.Specialise(text, inputs).ShouldHaveSingleItem();
}
