using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Partitioning;

/// <summary>What is promised of reductions: how few kernels they are, with what stands around them.</summary>
public sealed class ReductionFusionTests
{
    private const string Constants = "%eps : float = prim::Constant[value=1e-5](); %c8 : int = prim::Constant[value=8](); %c3 : int = prim::Constant[value=3]();"
        + "%row : int[] = prim::ListConstruct(%c8); %last : int[] = prim::ListConstruct(%in1); %d0 : int[] = prim::ListConstruct(%i0); %d1 : int[] = prim::ListConstruct(%i1);"
        + "%d02 : int[] = prim::ListConstruct(%i0, %i2); %d12 : int[] = prim::ListConstruct(%i1, %i2);";

    /// <summary>One kernel each, whatever the layout they are given.</summary>
    [Theory]
    [InlineData("softmax", "%y = aten::softmax(%x, %in1, %none)", "y")]
    [InlineData("log_softmax", "%y = aten::log_softmax(%x, %in1, %none)", "y")]
    [InlineData("softmax over columns", "%y = aten::softmax(%x, %i0, %none)", "y")]
    [InlineData("layer_norm", "%y = aten::layer_norm(%x, %row, %w, %b, %eps, %false)", "y")]
    [InlineData("rms_norm", "%y = aten::rms_norm(%x, %row, %w, %eps)", "y")]
    [InlineData("mse_loss", "%y = aten::mse_loss(%x, %z, %i1)", "y")]
    [InlineData("binary_cross_entropy", "%p = aten::sigmoid(%x); %t = aten::sigmoid(%z); %y = aten::binary_cross_entropy(%p, %t, %none, %i1)", "y")]
    [InlineData("cross_entropy", "%a = aten::abs(%x); %t = aten::argmax(%a, %i1, %false); %y = aten::cross_entropy_loss(%x, %t, %none, %i1, %in1, %eps)", "y", 2)] // one row per sample, then all samples
    [InlineData("a loss of one's own", "%e = aten::exp(%x); %m = aten::mul(%e, %z); %y = aten::mean(%m, %none)", "y")]
    [InlineData("elementwise before and after", "%a = aten::mul(%x, %z); %e = aten::tanh(%a); %s = aten::sum(%e, %d1, %true, %none); %q = aten::sqrt(%s); %d = aten::div(%e, %q); %y = aten::relu(%d)", "y")]
    [InlineData("after a sum, per row", "%s = aten::sum(%x, %d1, %false, %none); %l = aten::log(%s); %y = aten::add(%l, %s, %i1)", "y")]
    [InlineData("mean and normalised", "%m = aten::mean(%x, %d1, %true, %none); %d = aten::sub(%x, %m, %i1); %v = aten::mul(%d, %d); %s = aten::mean(%v, %d1, %true, %none); %r = aten::rsqrt(%s); %n = aten::mul(%d, %r)", "m n")]
    [InlineData("mean and normalised, the mean without its axis", "%m = aten::mean(%x, %d1, %false, %none); %u = aten::unsqueeze(%m, %i1); %n = aten::sub(%x, %u, %i1)", "m n")]
    [InlineData("several reductions of one row", "%a = aten::amax(%x, %d1, %false); %b2 = aten::amin(%x, %d1, %false); %c = aten::var(%x, %d1, %false, %false); %d = aten::logsumexp(%x, %d1, %false)", "a b2 c d")]
    [InlineData("max and where it is", "%m, %i = aten::max(%x, %i1, %false)", "m i")]
    [InlineData("var_mean", "%v, %m = aten::var_mean(%x, %d1, %true, %false)", "v m")]
    [InlineData("over other rows: two", "%a = aten::sum(%x, %d0, %true, %none); %b2 = aten::sum(%x, %d1, %true, %none)", "a b2", 2)]
    [InlineData("over other rows, used together: the sums, then what uses them", "%a = aten::sum(%x, %d0, %true, %none); %b2 = aten::sum(%x, %d1, %true, %none); %p = aten::div(%x, %a); %q = aten::div(%x, %b2); %y = aten::add(%p, %q, %i1)", "y", 2)]
    [InlineData("a softmax of a softmax", "%p = aten::softmax(%x, %i1, %none); %y = aten::softmax(%p, %i1, %none)", "y")]
    public void Is_as_few_kernels_as_it_can_be(string what, string body, string outputs, int kernels = 1)
    {
        var text = Programs.Text("x z w b", $"{Constants} {body}", outputs);
        FuserValue[] inputs = [Programs.Range(40, 8), Programs.Range(40, 8), Programs.Range(8), Programs.Range(8)];
        Programs.Plan(text, inputs).Groups.Length.ShouldBe(kernels, what);
        Programs.Run(text, inputs);

        inputs[0] = NdArray.From([.. Enumerable.Range(0, 320).Select(i => i * 0.01f)], 8, 40).Transposed();
        Programs.Plan(text, inputs).Groups.Length.ShouldBe(kernels, $"{what}, transposed");
        Programs.Run(text, inputs);
    }

    [Theory]
    [InlineData("%a = aten::mul(%x, %w); %s = aten::sum(%a, %d02, %false, %none); %t = aten::tanh(%s); %y = aten::add(%t, %s, %i1)")]
    [InlineData("%y = aten::sum(%x, %d02, %true, %none)")]
    [InlineData("%m = aten::mean(%x, %d02, %true, %none); %y = aten::sub(%x, %m, %i1)")]
    [InlineData("%y = aten::batch_norm(%x, %none, %none, %none, %none, %true, %eps, %eps, %false)")]
    [InlineData("%y = aten::group_norm(%x, %c3, %none, %none, %eps, %false)")]
    [InlineData("%y = aten::instance_norm(%x, %none, %none, %none, %none, %true, %eps, %eps, %false)")]
    [InlineData("%y = aten::softmax(%x, %i1, %none)")]
    public void Three_axes_are_one_kernel(string body)
    {
        var text = Programs.Text("x w", $"{Constants} {body}", "y");
        FuserValue[] inputs = [Programs.Range(5, 6, 8), Programs.Range(8)];
        Programs.Plan(text, inputs).Groups.ShouldHaveSingleItem();
        Programs.Run(text, inputs);
    }

    [Fact]
    public void Two_losses_of_one_prediction_are_one_kernel()
    {
        var text = Programs.Text("x z", "%p = aten::sigmoid(%x); %a = aten::mse_loss(%p, %z, %i1); %b = aten::l1_loss(%p, %z, %i1); %y = aten::add(%a, %b, %i1)", "y a");
        Programs.Plan(text, Programs.Range(40, 8), Programs.Range(40, 8)).Groups.ShouldHaveSingleItem();
        Programs.Run(text, Programs.Range(40, 8), Programs.Range(40, 8));
    }

    [Fact]
    public void Attention_weights_are_one_kernel()
    {
        var text = Programs.Text(
            "s m k:float",
            "%inf : float = prim::Constant[value=-inf](); %a = aten::mul(%s, %k); %c = aten::eq(%m, %i0); %f = aten::masked_fill(%a, %c, %inf); %y = aten::softmax(%f, %in1, %none)",
            "y");
        FuserValue[] inputs = [Programs.Range(2, 4, 8, 8), Programs.Range(8, 8), 0.25];
        Programs.Plan(text, inputs).Groups.ShouldHaveSingleItem();
        Programs.Run(text, inputs);
    }

    [Fact]
    public void A_reduction_that_is_used_by_others_is_made_once()
    {
        // The row sums are needed by what runs over columns, too.
        var text = Programs.Text("x", $"{Constants} %r = aten::sum(%x, %d1, %true, %none); %n = aten::div(%x, %r); %y = aten::sum(%n, %d0, %false, %none)", "n y");
        var plan = Programs.Plan(text, Programs.Range(40, 8));
        plan.Groups.Length.ShouldBe(2);
        plan.Groups.Sum(group => group.Graph.Nodes.Count(node => node.Kind == "prim::Reduce")).ShouldBe(2);
        Programs.Run(text, Programs.Range(40, 8));
    }
}

internal static class Layouts
{
    public static NdArray Transposed(this NdArray array) =>
        array.WithLayout(new TensorLayout([.. array.Layout.Sizes.Reverse()], [.. array.Layout.Strides.Reverse()], array.Layout.Offset));
}
