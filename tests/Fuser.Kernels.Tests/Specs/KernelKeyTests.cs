using Fuser.Kernels.Specs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Specs;

/// <summary>What needs another kernel and what does not.</summary>
public sealed class KernelKeyTests
{
    private static readonly string Scaled = Programs.Text("x y p:float", "%a = aten::mul(%x, %p); %b = aten::add(%a, %y, %i1)", "b");

    [Fact]
    public void Other_sizes_need_no_other_kernel() => SameKernel(
        [Programs.Range(4, 4), Programs.Range(4, 4), 2.0],
        [Programs.Range(7, 9), Programs.Range(7, 9), 2.0]);

    [Fact]
    public void Other_numbers_need_no_other_kernel() => SameKernel(
        [Programs.Range(4, 4), Programs.Range(4, 4), 2.0],
        [Programs.Range(4, 4), Programs.Range(4, 4), -3.5]);

    [Fact]
    public void Other_ranks_need_no_other_kernel() => SameKernel(
        [Programs.Range(4, 4), Programs.Range(4, 4), 2.0],
        [Programs.Range(5, 6, 7), Programs.Range(5, 6, 7), 2.0]);

    [Fact]
    public void A_transposed_input_is_gathered_and_needs_no_other_kernel() => SameKernel(
        [Programs.Range(40, 40), Programs.Range(40, 40), 2.0],
        [Transposed(40, 40), Programs.Range(40, 40), 2.0]);

    [Fact]
    public void Any_stride_needs_no_other_kernel() => SameKernel(
        [Programs.Range(64), Programs.Range(64), 2.0],
        [NdArray.From(new float[200].AsMemory(), new TensorLayout([64], [-3], 189)), Programs.Range(64), 2.0]);

    [Fact]
    public void Another_dtype_needs_another_kernel_and_says_so()
    {
        var known = Only([Programs.Range(4, 4), Programs.Range(4, 4), 2.0]);
        var wanted = Only([NdArray.From(new double[16], 4, 4), Programs.Range(4, 4), 2.0]);
        wanted.Spec.ShouldBe(known.Spec);
        wanted.Arguments.ShouldNotBe(known.Arguments);
        KeyDifference.Explain(wanted.Arguments, [known.Arguments]).ShouldBe("argument 0 became float64, it was float32; argument 3 became float64, it was float32");
    }

    [Fact]
    public void An_argument_that_stays_along_the_inner_axis_needs_another_kernel_and_says_so()
    {
        var known = Only([Programs.Range(40, 40), Programs.Range(40, 40), 2.0]);
        var wanted = Only([Programs.Range(40, 40), Programs.Range(40, 1), 2.0]);
        KeyDifference.Explain(wanted.Arguments, [known.Arguments]).ShouldBe("argument 1 became constant along the inner axis");
        KeyDifference.Explain(known.Arguments, [wanted.Arguments]).ShouldBe("argument 1 became varying along the inner axis");
    }

    [Fact]
    public void A_zero_dimensional_argument_needs_another_kernel_and_says_so()
    {
        var known = Only([Programs.Range(40, 40), Programs.Range(1), 2.0]);
        var wanted = Only([Programs.Range(40, 40), NdArray.Scalar(1f), 2.0]);
        KeyDifference.Explain(wanted.Arguments, [known.Arguments]).ShouldBe("argument 1 became 0-dim, it had axes");
        KeyDifference.Explain(known.Arguments, [wanted.Arguments]).ShouldBe("argument 1 became a tensor with axes, it was 0-dim");
    }

    [Fact]
    public void Another_target_needs_another_kernel_and_says_so()
    {
        var group = Programs.Plan(Scaled, Programs.Range(4), Programs.Range(4), 2.0).Groups.ShouldHaveSingleItem();
        var (a, b) = (Specialisation.Of(group, "simd/256").Arguments, Specialisation.Of(group, "simd/512").Arguments);
        a.ShouldNotBe(b);
        KeyDifference.Explain(b, [a]).ShouldBe("the target became simd/512, it was simd/256");
    }

    [Fact]
    public void The_nearest_kernel_is_the_one_compared_with()
    {
        var far = Only([NdArray.From(new double[16], 4, 4), NdArray.From(new int[16], 4, 4), 2.0]);
        var near = Only([Programs.Range(4, 4), Programs.Range(4, 4), 2.0]);
        var wanted = Only([Programs.Range(40, 40), Programs.Range(40, 1), 2.0]);
        KeyDifference.Explain(wanted.Arguments, [far.Arguments, near.Arguments]).ShouldBe("argument 1 became constant along the inner axis");
        KeyDifference.Explain(wanted.Arguments, []).ShouldBe("no kernel of this spec was compiled before");
    }

    [Fact]
    public void A_constant_is_part_of_the_spec_and_a_number_is_not()
    {
        static string Times(string value) => Programs.Text("x", $"%k : float = prim::Constant[value={value}](); %y = aten::mul(%x, %k)", "y");
        Programs.Specialise(Times("2."), Programs.Range(4))[0].Spec.ShouldNotBe(Programs.Specialise(Times("3."), Programs.Range(4))[0].Spec);
    }

    [Fact]
    public void One_expression_registered_three_times_is_one_spec()
    {
        var text = Programs.Text("x", "%a = aten::mul(%x, %x); %b = aten::mul(%a, %x); %c = aten::mul(%b, %x); %d = aten::mul(%c, %x)", "d");
        Enumerable.Range(0, 3).Select(i => Programs.Specialise(text, Programs.Range(i + 3, 4))[0].Spec).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public void Two_graphs_that_differ_in_names_share_a_key()
    {
        var one = "graph(%a : Tensor, %b : Tensor):\n  %c : Tensor = aten::mul(%a, %b)\n  %d : Tensor = aten::mul(%c, %a)\n  return (%d)\n";
        var other = "graph(%b : Tensor, %c : Tensor):\n  %x : Tensor = aten::mul(%b, %c)\n  %y : Tensor = aten::mul(%x, %b)\n  return (%y)\n";
        Programs.KeyOf(other).ShouldBe(Programs.KeyOf(one));
        Programs.KeyOf(one.Replace("aten::mul(%a, %b)", "aten::mul(%b, %a)")).ShouldNotBe(Programs.KeyOf(one));
    }

    private static NdArray Transposed(long rows, long columns) =>
        NdArray.From(new float[rows * columns].AsMemory(), new TensorLayout([rows, columns], [1, rows]));

    private static void SameKernel(FuserValue[] first, FuserValue[] second)
    {
        var (a, b) = (Only(first), Only(second));
        b.Spec.ShouldBe(a.Spec);
        b.Arguments.ShouldBe(a.Arguments);
        b.Arguments.GetHashCode().ShouldBe(a.Arguments.GetHashCode());
    }

    private static Specialisation Only(FuserValue[] inputs) => Programs.Specialise(Scaled, inputs).ShouldHaveSingleItem();
}
