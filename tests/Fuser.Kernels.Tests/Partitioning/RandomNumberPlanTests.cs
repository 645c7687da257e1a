using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Properties;

namespace Fuser.Kernels.Tests.Partitioning;

/// <summary>
/// An element's random number follows from (seed, node, element), whatever the plan: computed in one kernel or in several, per element or per row of a
/// reduction, in memory for a routine, or planned anew because a reduction is shared.
/// </summary>
public sealed class RandomNumberPlanTests
{
    private const string Half = "%p : float = prim::Constant[value=0.5]()";
    private const string Axis1 = "%axis : int[] = prim::ListConstruct(%i1)";

    /// <summary>Bodies over x [6, 40, 20] and w [6, 1, 20]; %r is a random tensor the results follow from, %y the result.</summary>
    public static TheoryData<string, string> Cases => new()
    {
        { "dropout, softmax, sum", $"{Half}; {Axis1}; %r = aten::dropout(%x, %p, %true); %s = aten::softmax(%r, %i2, %none); %q = {Draw("s")}; %m = aten::mul(%s, %q); %y = aten::sum(%m, %axis, %false, %none)" },
        { "a draw per row, rows along the last axis", $"%axis : int[] = prim::ListConstruct(%i2); %s = aten::sum(%x, %axis, %true, %none); %r = {Draw("s")}; %d = aten::mul(%x, %r); %y = aten::sum(%d, %axis, %false, %none)" },
        { "a draw per row, rows along a middle axis", $"{Axis1}; %s = aten::mean(%x, %axis, %true, %none); %r = {Draw("s")}; %d = aten::sub(%x, %r, %i1); %y = aten::amax(%d, %axis, %false)" },
        { "a draw per row of what was reduced without keeping the axis", $"{Axis1}; %s = aten::sum(%x, %axis, %false, %none); %r = {Draw("s")}; %y = aten::mul(%s, %r)" },
        { "a draw per element within rows along the first and last axes", $"%axis : int[] = prim::ListConstruct(%i0, %i2); %r = {Draw("x")}; %y = aten::sum(%r, %axis, %false, %none)" },
        { "a draw per element within rows along a middle axis", $"{Axis1}; %r = {Draw("x")}; %y = aten::prod(%r, %i1, %false, %none)" },
        { "a trial with a broadcast probability", $"{Axis1}; %c = aten::sigmoid(%w); %r = aten::bernoulli(%c, %none); %d = aten::mul(%r, %x); %y = aten::sum(%d, %axis, %false, %none)" },
        { "a draw that two kernels need", $"{Axis1}; %all : int[] = prim::ListConstruct(%i0, %i1, %i2); %r = {Draw("x")}; %a = aten::sum(%r, %axis, %true, %none); %b = aten::sum(%r, %all, %true, %none); %y = aten::add(%a, %b, %i1)" },
        { "a reduction of a draw that two kernels share", $"{Axis1}; %r = {Draw("x")}; %a = aten::sum(%r, %axis, %true, %none); %t = aten::transpose(%a, %i0, %i2); %u = aten::mul(%t, %i2); %v = aten::transpose(%u, %i0, %i2); %d = aten::div(%r, %a); %s = aten::sum(%d, %axis, %true, %none); %y = aten::add(%s, %v, %i1)" },
        { "a draw that a routine reads", $"%r = {Draw("x")}; %c = aten::cumsum(%r, %i1, %none); %q = {Draw("c")}; %y = aten::add(%c, %q, %i1)" },
        { "a draw seen through views", $"{Axis1}; %r = {Draw("x")}; %t = aten::transpose(%r, %i0, %i1); %e = aten::slice(%t, %i0, %i1, %none, %i3); %y = aten::sum(%e, %axis, %false, %none)" },
        { "a draw of a concatenation", $"{Axis1}; %l : Tensor[] = prim::ListConstruct(%x, %w); %c = aten::cat(%l, %i1); %r = {Draw("c")}; %d = aten::mul(%c, %r); %y = aten::sum(%d, %axis, %true, %none)" },
        { "draws and sums of draws", $"{Axis1}; %a = {Draw("x")}; %b = aten::sum(%a, %axis, %true, %none); %r = {Draw("b")}; %c = {Draw("x")}; %d = aten::mul(%c, %r); %e = aten::add(%d, %a, %i1); %y = aten::softmax(%e, %i1, %none)" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Numbers_do_not_depend_on_the_plan(string what, string body)
    {
        FuserValue[] inputs = [Programs.Range(6, 40, 20), Programs.Range(6, 1, 20)];
        var alone = Programs.Text("x w", body, "y");
        var expected = Programs.Run(alone, inputs);

        // With the numbers among the outputs, and nothing else changed, other things are in memory and the plan is another.
        var together = Programs.Run(Programs.Text("x w", body, "y r"), inputs);
        Bits.ShouldBeSame(together[0], expected[0], what);
        foreach (var threads in new[] { 2, 5 })
        {
            var compiled = KernelCompiler.Compile(GraphText.Parse(alone), inputs, SimdTarget.Best);
            Bits.ShouldBeSame(compiled.Run(inputs, 7, threads), expected, $"{what}, {threads} threads");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Strides_of_the_inputs_do_not_matter(string what, string body)
    {
        FuserValue[] inputs = [Programs.Range(6, 40, 20), Programs.Range(6, 1, 20)];
        var expected = Programs.RunOn(InterpreterTarget.Instance, FusionMode.Unfused, Programs.Text("x w", body, "y r"), inputs);
        var random = new Random(5);
        for (var round = 0; round < 4; round++)
        {
            FuserValue[] strided = [.. inputs.Select(input => Strided(random, input.Array))];
            Bits.ShouldBeSame(Programs.RunOn(SimdTarget.Best, FusionMode.Fused, Programs.Text("x w", body, "y r"), strided), expected, what);
        }
    }

    [Fact]
    public void A_sum_of_draws_is_the_sum_of_the_numbers_the_draw_gives()
    {
        var body = $"{Axis1}; %r = {Draw("x")}; %y = aten::sum(%r, %axis, %false, %none)";
        FuserValue[] inputs = [Programs.Range(3, 7)];
        var sums = Programs.Run(Programs.Text("x", body, "y"), inputs)[0];
        var numbers = Programs.Run(Programs.Text("x", $"%r = {Draw("x")}", "r"), inputs);
        Bits.ShouldBeSame([sums], Programs.Run(Programs.Text("r", $"{Axis1}; %y = aten::sum(%r, %axis, %false, %none)", "y"), numbers[0]), "sums");
    }

    [Fact]
    public void Softmax_after_dropout_is_one_kernel_and_draws_within_it()
    {
        var text = Programs.Text("x", $"{Half}; %r = aten::dropout(%x, %p, %true); %y = aten::softmax(%r, %i1, %none)", "y");
        var plan = Programs.Plan(text, Programs.Range(50, 300));
        plan.Groups.ShouldHaveSingleItem().Inputs.OfType<IndexInput>().ShouldHaveSingleItem();
        Programs.Run(text, Programs.Range(50, 300));
    }

    private static string Draw(string name) => $"aten::rand_like(%{name}, %none, %none, %none, %none, %none)";

    private static NdArray Strided(Random random, NdArray source)
    {
        var layout = RandomArrays.Layout(random, source.Shape, mayRepeat: false);
        var result = RandomArrays.Create(random, source.DType, layout);
        var copy = KernelCompiler.Compile(GraphText.Parse(Programs.Text("x", "%y = aten::mul(%x, %i1)", "y")), [source], InterpreterTarget.Instance);
        copy.Runner.Run([source], [result], copy.Kernels.AsSpan(), 0, 1);
        return result;
    }
}
