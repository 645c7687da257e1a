using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Partitioning;

/// <summary>Arithmetic on plain numbers is Python's.</summary>
public sealed class PlainNumberTests
{
    [Fact]
    public void Integers_stay_integers()
    {
        Same("aten::add", 7, 3, 4);
        Same("aten::sub", -1, 3, 4);
        Same("aten::mul", 12, 3, 4);
        Same("aten::add", (1L << 53) + 1, 1L << 53, 1);
        Same("aten::mul", unchecked(long.MaxValue * 3), long.MaxValue, 3);
        Same("prim::min", 3, 3, 4);
        Same("prim::max", 4, 3, 4);
        Same("aten::neg", -3, 3);
        Same("aten::abs", 3, -3);
        Same("aten::__and__", 2, 6, 3);
        Same("aten::__or__", 7, 6, 3);
        Same("aten::__xor__", 5, 6, 3);
    }

    [Fact]
    public void A_float_makes_it_a_float()
    {
        Same("aten::add", 7.5, 3, 4.5);
        Same("aten::sub", -1.5, 3.0, 4.5);
        Same("aten::mul", 12.0, 3.0, 4);
        Same("prim::min", 3.0, 3, 4.0);
        Same("aten::neg", -3.5, 3.5);
        Same("aten::abs", 3.5, -3.5);
        Same("aten::div", 0.75, 3, 4);
        Same("aten::Float", 3.0, 3);
    }

    [Fact]
    public void Division_rounds_down_and_the_remainder_has_the_divisors_sign()
    {
        foreach (var (a, b) in new[] { (7L, 2L), (-7, 2), (7, -2), (-7, -2), (6, 3), (-6, 3), (long.MinValue, -1) })
        {
            var floor = b == -1 ? unchecked(-a) : (long)Math.Floor((double)a / b);
            Same("aten::floordiv", floor, a, b);
            Same("aten::remainder", b == -1 ? 0 : a - (floor * b), a, b);
        }

        Same("aten::remainder", 0.5, -5.5, 3.0);
        Same("aten::floordiv", -2.0, -5.5, 3.0);
    }

    [Fact]
    public void Truth_values()
    {
        Same("aten::__and__", false, true, false);
        Same("aten::__or__", true, true, false);
        Same("aten::__not__", true, false);
        Same("aten::lt", true, 1, 1.5);
        Same("aten::eq", false, (1L << 53) + 1, 1L << 53);
        Same("aten::Int", 1, true);
        Same("aten::Int", -2, -2.9);
        Same("aten::Int", long.MaxValue, double.PositiveInfinity);
        Same("aten::Bool", true, 0.1);
        Same("aten::floor", -3, -2.5);
        Same("aten::ceil", -2, -2.5);
    }

    [Fact]
    public void Dividing_by_zero_is_an_input_error()
    {
        foreach (var kind in new[] { "aten::div", "aten::floordiv", "aten::remainder" })
        {
            Should.Throw<InputException>(() => ScalarOperations.Evaluate(kind, [1L, 0L]));
            Should.Throw<InputException>(() => ScalarOperations.Evaluate(kind, [1.0, 0.0]));
        }
    }

    [Fact]
    public void Arithmetic_on_inputs_is_done_again_at_each_call()
    {
        var text = Programs.Text("x n:int p:float", "%m : int = aten::mul(%n, %i2); %q : float = aten::neg(%p); %1 = aten::mul(%x, %m); %2 = aten::mul(%1, %q)", "2");
        FuserValue[] inputs = [NdArray.From([3]), 5, 0.5];
        var compiled = KernelCompiler.Compile(Fuser.Kernels.Graphs.Text.GraphText.Parse(text), inputs, Fuser.Kernels.Targets.Simd.SimdTarget.Best);
        compiled.Run(inputs)[0].ToArray<float>().ShouldBe([-15]);
        inputs[1] = 7;
        inputs[2] = -2.0;
        compiled.Runner.Plan.Signature.Matches(inputs).ShouldBeTrue();
        compiled.Run(inputs)[0].ToArray<float>().ShouldBe([84]);
    }

    [Fact]
    public void An_integer_input_of_an_integer_tensor_keeps_it_an_integer()
    {
        var text = Programs.Text("x n:int", "%m : int = aten::add(%n, %i1); %1 = aten::mul(%x, %m)", "1");
        Programs.Run(text, NdArray.From([3]), 5)[0].ToArray<int>().ShouldBe([18]);
    }

    [Fact]
    public void A_number_that_decides_a_shape_is_part_of_the_signature()
    {
        var text = Programs.Text("x n:int p:float", "%l : Tensor[] = aten::split(%x, %n, %i0); %a = aten::__getitem__(%l, %i0); %1 = aten::mul(%a, %p)", "1");
        var plan = Programs.Plan(text, Programs.Range(6), 2, 1.5);
        plan.Signature.Matches([Programs.Range(6), 2, 9.0]).ShouldBeTrue();
        plan.Signature.Matches([Programs.Range(6), 3, 1.5]).ShouldBeFalse();
        plan.Signature.Matches([Programs.Range(6), 2, 1]).ShouldBeFalse();
        plan.Signature.Matches([Programs.Range(7), 2, 1.5]).ShouldBeFalse();
        plan.Signature.Matches([Programs.Range(6), 2]).ShouldBeFalse();
    }

    private static void Same(string kind, FuserValue expected, params FuserValue[] arguments) => ScalarOperations.Evaluate(kind, arguments).ShouldBe(expected, kind);
}
