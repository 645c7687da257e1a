using System.Text;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Properties;

namespace Fuser.Kernels.Tests.Partitioning;

/// <summary>Graphs far beyond what people write: they run, or are refused with a code, and never take the process with them.</summary>
public sealed class HostileGraphTests
{
    [Fact]
    public void Five_hundred_operations_are_one_kernel()
    {
        var text = Chain(500, i => i % 3 == 0 ? "aten::mul(%{0}, %y)" : i % 3 == 1 ? "aten::sub(%{0}, %x, %i1)" : "aten::abs(%{0})");
        Programs.Plan(text, Programs.Range(33), Programs.Range(33)).Groups.ShouldHaveSingleItem();
        Programs.Run(text, Programs.Range(33), Programs.Range(33))[0].ElementCount.ShouldBe(33);
    }

    [Fact]
    public void Two_hundred_inputs_are_one_kernel()
    {
        var text = SumOf(200);
        FuserValue[] inputs = [.. Enumerable.Range(0, 200).Select(i => (FuserValue)NdArray.From([i, i + 0.5f, -i]))];
        Programs.Plan(text, inputs).Groups.ShouldHaveSingleItem();
        Programs.Run(text, inputs)[0].ToArray<float>().ShouldBe([19900, 20000, -19900]);
    }

    [Fact]
    public void Three_thousand_inputs_run()
    {
        FuserValue[] inputs = [.. Enumerable.Range(0, 3000).Select(i => (FuserValue)NdArray.From([1f, 2]))];
        Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, SumOf(3000), inputs)[0].ToArray<float>().ShouldBe([3000, 6000]);
        Programs.RunOn(InterpreterTarget.Instance, FusionMode.Unfused, SumOf(3000), inputs)[0].ToArray<float>().ShouldBe([3000, 6000]);
    }

    [Fact]
    public void A_thousand_outputs_run()
    {
        var body = string.Join("\n", Enumerable.Range(0, 1000).Select(i => $"%o{i} = aten::add(%{(i == 0 ? "x" : $"o{i - 1}")}, %i1, %i1)"));
        var text = Programs.Text("x", body, string.Join(" ", Enumerable.Range(0, 1000).Select(i => $"o{i}")));
        foreach (var (target, mode) in new (IKernelTarget, FusionMode)[] { (InterpreterTarget.Instance, FusionMode.Fused), (InterpreterTarget.Instance, FusionMode.Unfused) })
        {
            var results = Programs.RunOn(target, mode, text, Programs.Range(5));
            results[999].ToArray<float>().ShouldBe([999, 999.25f, 999.5f, 999.75f, 1000]);
            results[0].ToArray<float>()[0].ShouldBe(0);
        }
    }

    [Fact]
    public void Twenty_thousand_operations_in_a_chain_need_no_deep_stack()
    {
        var text = Chain(20_000, i => i % 2 == 0 ? "aten::mul(%{0}, %y)" : "aten::sub(%{0}, %x, %i1)");
        OnSmallStack(() => Bits.ShouldBeSame(
            Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, text, Programs.Range(3), Programs.Range(3)),
            Programs.RunOn(InterpreterTarget.Instance, FusionMode.Unfused, text, Programs.Range(3), Programs.Range(3)),
            "20,000 operations"));
    }

    [Theory]
    [InlineData("aten::transpose(%{0}, %i0, %i1)")]
    [InlineData("aten::reshape(%{0}, %shape)")]
    [InlineData("aten::slice(%{0}, %i0, %i0, %i4, %i1)")]
    public void Twenty_thousand_views_in_a_chain_need_no_deep_stack(string view)
    {
        var text = Chain(20_000, i => i == 0 ? "aten::mul(%{0}, %y)" : view, "%shape : int[] = prim::ListConstruct(%i4, %i1)\n");
        OnSmallStack(() =>
        {
            foreach (var mode in Enum.GetValues<FusionMode>())
            {
                Programs.RunOn(InterpreterTarget.Instance, mode, text.Replace("return (", "%r = aten::relu(%n19999)\n  return (%r, "), Programs.Range(4, 1), Programs.Range(4, 1))[0].ElementCount.ShouldBe(4);
            }
        });
    }

    [Fact]
    public void Concatenations_of_concatenations_do_not_grow_exponentially()
    {
        var body = new StringBuilder("%n0 = aten::relu(%x)\n");
        for (var i = 1; i <= 60; i++)
        {
            body.Append($"%l{i} : Tensor[] = prim::ListConstruct(%n{i - 1}, %n{i - 1})\n%n{i} = aten::cat(%l{i}, %i0)\n");
        }

        Programs.Run(Programs.Text("x", body.ToString(), "n8"), Programs.Range(2))[0].ElementCount.ShouldBe(512);
        Programs.Run(Programs.Text("x", body.ToString(), "n60"), NdArray.From(Array.Empty<float>(), 0, 1))[0].ElementCount.ShouldBe(0);
        Refused<InputException>(Programs.Text("x", body.ToString(), "n60"), ErrorCodes.SizeLimit, Programs.Range(2));
    }

    [Fact]
    public void Concatenations_in_concatenations_need_no_deep_stack()
    {
        var body = new StringBuilder("%n0 = aten::relu(%x)\n");
        for (var i = 1; i <= 5000; i++)
        {
            body.Append($"%l{i} : Tensor[] = prim::ListConstruct(%n{i - 1})\n%n{i} = aten::cat(%l{i}, %i0)\n");
        }

        OnSmallStack(() => Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, Programs.Text("x", body.ToString(), "n5000"), Programs.Range(2))[0].ElementCount.ShouldBe(2));
    }

    [Fact]
    public void Overlapping_slices_of_slices_do_not_grow_exponentially()
    {
        // Offsets 1, 2, 4, ... make every step's slices differ: computed from the last step back, they would be 2^20 sums.
        var body = new StringBuilder("%n0 = aten::sigmoid(%x)\n");
        for (var i = 1; i <= 20; i++)
        {
            body.Append($"%s{i} : int = prim::Constant[value={1 << (i - 1)}]()\n%e{i} : int = prim::Constant[value=-{1 << (i - 1)}]()\n")
                .Append($"%a{i} = aten::slice(%n{i - 1}, %i0, %s{i}, %none, %i1)\n%b{i} = aten::slice(%n{i - 1}, %i0, %none, %e{i}, %i1)\n%n{i} = aten::add(%a{i}, %b{i}, %i1)\n");
        }

        var text = Programs.Text("x", body.ToString(), "n20");
        FuserValue input = Programs.Range((1 << 20) + 5);
        var plan = Programs.Plan(text, input);
        plan.Groups.Sum(group => group.Operations).ShouldBeLessThan(500);
        Bits.ShouldBeSame(Programs.RunOn(SimdTarget.Best, FusionMode.Fused, text, input), Programs.RunOn(SimdTarget.Best, FusionMode.Unfused, text, input), "slices");
    }

    [Fact]
    public void Neighbours_summed_twenty_times()
    {
        var body = new StringBuilder("%n0 = aten::sigmoid(%x)\n");
        for (var i = 1; i <= 20; i++)
        {
            body.Append($"%a{i} = aten::slice(%n{i - 1}, %i0, %i1, %none, %i1)\n%b{i} = aten::slice(%n{i - 1}, %i0, %none, %in1, %i1)\n%n{i} = aten::mul(%a{i}, %b{i})\n");
        }

        Programs.Run(Programs.Text("x", body.ToString(), "n20"), Programs.Range(100))[0].Shape.ShouldBe([80L]);
    }

    [Fact]
    public void Tuples_of_tuples_do_not_grow_exponentially()
    {
        Refused<GraphException>(Nested(40), ErrorCodes.GraphLimit, Programs.Range(2));
        Refused<GraphException>(Nested(15), ErrorCodes.GraphLimit, Programs.Range(2));
        Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, Nested(3), Programs.Range(2)).Length.ShouldBe(16);

        static string Nested(int depth) => Programs.Text(
            "x",
            string.Concat(Enumerable.Range(0, depth + 1).Select(i => i == 0 ? "%t0 = prim::TupleConstruct(%x, %x)\n" : $"%t{i} = prim::TupleConstruct(%t{i - 1}, %t{i - 1})\n")),
            $"t{depth}");
    }

    [Fact]
    public void Numbers_that_double_themselves_do_not_grow_exponentially()
    {
        var body = new StringBuilder("%k0 : int = aten::add(%n, %i0)\n");
        for (var i = 1; i <= 60; i++)
        {
            body.Append($"%k{i} : int = aten::add(%k{i - 1}, %k{i - 1})\n");
        }

        body.Append("%s : int[] = prim::ListConstruct(%k60, %i2)\n%y = aten::reshape(%x, %s)");
        Programs.Run(Programs.Text("x n:int", body.ToString(), "y"), NdArray.From(Array.Empty<float>()), 0)[0].Shape.ShouldBe([0L, 2]);
    }

    [Fact]
    public void Groups_that_call_groups_do_not_grow_exponentially()
    {
        var text = new StringBuilder("graph(%x : Tensor):\n  %y : Tensor = prim::FusionGroup_0(%x)\n  return (%y)\n");
        for (var i = 0; i < 12; i++)
        {
            text.Append($"with prim::FusionGroup_{i} = graph(%v0 : Tensor):\n");
            for (var call = 0; call < 10; call++)
            {
                text.Append($"  %v{call + 1} : Tensor = {(i == 11 ? "aten::relu" : $"prim::FusionGroup_{i + 1}")}(%v{call})\n");
            }

            text.Append("  return (%v10)\n");
        }

        Refused<GraphException>(text.ToString(), ErrorCodes.GraphLimit, Programs.Range(2));
    }

    [Theory]
    [InlineData("%k : int = prim::Constant[value=-4](); %l : Tensor[] = aten::chunk(%x, %k, %i0); %a, %b = prim::ListUnpack(%l)", "aten::chunk")]
    [InlineData("%l : Tensor[] = aten::chunk(%x, %i0, %i0); %a, %b = prim::ListUnpack(%l)", "chunk")]
    [InlineData("%l : Tensor[] = aten::chunk(%x, %n, %i0); %a, %b = prim::ListUnpack(%l)", "-4 chunks")]
    [InlineData("%l : Tensor[] = aten::chunk(%x, %big, %i0); %a, %b = prim::ListUnpack(%l)", "6 values")]
    [InlineData("%l : Tensor[] = aten::split(%x, %n, %i0); %a, %b = prim::ListUnpack(%l)", "size -4")]
    [InlineData("%s : int[] = prim::ListConstruct(%big, %big); %l : Tensor[] = aten::split_with_sizes(%x, %s, %i0); %a, %b = prim::ListUnpack(%l)", "add up")]
    [InlineData("%a = aten::narrow(%x, %i0, %i2, %big)", "axis 0 of size 6")]
    [InlineData("%a = aten::narrow(%x, %i0, %n, %in1)", "axis 0 of size 6")]
    [InlineData("%a = aten::narrow(%z, %i0, %n, %i1)", "0-dim")]
    [InlineData("%a = aten::slice(%x, %i0, %i0, %i4, %n)", "step -4")]
    [InlineData("%a = aten::slice(%z, %i0, %i0, %i4, %i1)", "0-dim")]
    [InlineData("%a = aten::select(%x, %i0, %big)", "out of range")]
    [InlineData("%a = aten::select(%z, %i0, %i0)", "0-dim")]
    [InlineData("%l : Tensor[] = aten::chunk(%z, %i2, %i0); %a, %b = prim::ListUnpack(%l)", "0-dim")]
    [InlineData("%l : Tensor[] = aten::unbind(%z, %i0); %a, %b = prim::ListUnpack(%l)", "0-dim")]
    [InlineData("%a, %b = prim::ConstantChunk[chunks=2, dim=0](%z)", "0-dim")]
    [InlineData("%a = aten::size(%z, %i0)", "0-dim")]
    [InlineData("%a = aten::len(%z)", "0-dim")]
    [InlineData("%a = aten::transpose(%x, %i0, %i3)", "axis 3 is out of range")]
    [InlineData("%s : int[] = prim::ListConstruct(%i0, %i0); %a = aten::permute(%x, %s)", "permute")]
    [InlineData("%a = aten::unsqueeze(%x, %i4)", "out of range")]
    [InlineData("%s : int[] = prim::ListConstruct(%n, %i2); %a = aten::view(%x, %s)", "negative size")]
    [InlineData("%s : int[] = prim::ListConstruct(%i4, %i2); %a = aten::view(%x, %s)", "number of elements")]
    [InlineData("%s : int[] = prim::ListConstruct(%in1, %in1); %a = aten::view(%x, %s)", "negative size")]
    [InlineData("%s : int[] = prim::ListConstruct(%i4); %a = aten::expand(%x, %s)", "expanded")]
    [InlineData("%s : int[] = prim::ListConstruct(%big, %big, %i1); %a = aten::expand(%x, %s)", "[6]")]
    [InlineData("%s : int[] = prim::ListConstruct(%big, %big, %in1); %a = aten::expand(%x, %s)", "2^63")]
    [InlineData("%l : Tensor[] = prim::ListConstruct(); %a = aten::cat(%l, %i0)", "at least one tensor")]
    [InlineData("%l : Tensor[] = prim::ListConstruct(%z, %z); %a = aten::cat(%l, %i0)", "at least one axis")]
    [InlineData("%l : Tensor[] = prim::ListConstruct(); %a = aten::stack(%l, %i0)", "at least one tensor")]
    [InlineData("%l : Tensor[] = prim::ListConstruct(%x, %z); %a = aten::stack(%l, %i0)", "cannot join")]
    [InlineData("%l : Tensor[] = prim::ListConstruct(); %a = aten::__getitem__(%l, %i0)", "empty")]
    [InlineData("%l : Tensor[] = prim::ListConstruct(%x); %a = aten::__getitem__(%l, %i2)", "out of range")]
    [InlineData("%a = prim::FusedConcat[dim=0](%n)", "wanted a tensor")]
    [InlineData("%a, %b = aten::relu(%x)", "2 results")]
    [InlineData("%a = aten::relu(%n)", "wanted a tensor")]
    [InlineData("%a = aten::relu()", "got 0 arguments")]
    [InlineData("%a = aten::add(%x, %l, %i1)", "not defined")]
    public void What_does_not_fit_is_refused_with_its_place(string body, string words)
    {
        var text = Programs.Text("x z n:int big:int", body, "a");
        foreach (var mode in Enum.GetValues<FusionMode>())
        {
            var error = Should.Throw<FuserException>(() => Programs.RunOn(InterpreterTarget.Instance, mode, text, Programs.Range(6), NdArray.Scalar(1f), -4, long.MaxValue));
            (error is GraphException or InputException).ShouldBeTrue(error.ToString());
            error.Message.ShouldContain(words);
            error.Message.ShouldContain("line");
        }
    }

    [Fact]
    public void Shapes_that_do_not_broadcast_are_refused_with_line_column_shapes_and_axis()
    {
        var error = Should.Throw<GraphException>(() => Programs.Run("graph(%x : Tensor, %w : Tensor):\n  %y : Tensor = aten::mul(%x, %w)\n  return (%y)\n", Programs.Range(4, 8), Programs.Range(4, 7)));
        error.Code.ShouldBe(ErrorCodes.BroadcastMismatch);
        error.Line.ShouldBe(2);
        error.Message.ShouldStartWith("line 2, col ");
        error.Message.ShouldContain("[4, 8] with [4, 7]");
        error.Message.ShouldContain("axis -1: 8 vs 7");
    }

    [Fact]
    public void A_wrong_count_or_kind_of_inputs_is_refused()
    {
        var text = Programs.Text("x p:float", "%y = aten::mul(%x, %p)", "y");
        Refused<InputException>(text, ErrorCodes.InputCount);
        Refused<InputException>(text, ErrorCodes.InputCount, Programs.Range(2));
        Refused<InputException>(text, ErrorCodes.InputKind, 1.0, 2.0);
        Refused<InputException>(text, ErrorCodes.InputKind, Programs.Range(2), Programs.Range(2));
        Refused<InputException>(text, ErrorCodes.InputKind, Programs.Range(2), true);
        Refused<InputException>(text, ErrorCodes.InputKind, Programs.Range(2), default);
    }

    [Fact]
    public void More_axes_than_the_limit_are_refused()
    {
        var text = Chain(100, _ => "aten::unsqueeze(%{0}, %i0)");
        Refused<InputException>(text, ErrorCodes.SizeLimit, Programs.Range(2), Programs.Range(2));
        Refused<InputException>(Chain(100, i => i == 0 ? "aten::mul(%{0}, %y)" : "aten::unsqueeze(%{0}, %i0)"), ErrorCodes.SizeLimit, Programs.Range(2), Programs.Range(2));
    }

    [Theory]
    [InlineData("%big", "%big")]
    [InlineData("%p60", "%i1")]
    [InlineData("%p31", "%p30")]
    public void Intermediate_results_that_fit_no_memory_are_refused(string rows, string columns)
    {
        var body = $"%big : int = prim::Constant[value={1L << 31}](); %p60 : int = prim::Constant[value={1L << 60}](); %p31 : int = prim::Constant[value={1L << 31}](); %p30 : int = prim::Constant[value={1L << 30}](); %s : int[] = prim::ListConstruct({rows}, {columns}); %r = aten::relu(%x); %e = aten::expand(%r, %s);"
            + "%l : Tensor[] = prim::ListConstruct(%e, %e); %c = aten::cat(%l, %i1); %f = aten::select(%c, %i0, %i0); %g = aten::select(%f, %i0, %i0)";
        Refused<InputException>(Programs.Text("x", body, "g"), ErrorCodes.SizeLimit, NdArray.From([1.0], 1, 1));
        Refused<InputException>(Programs.Text("x", body, "c"), ErrorCodes.SizeLimit, NdArray.From([1.0], 1, 1));
    }

    [Fact]
    public void Concatenated_sizes_beyond_64_bits_are_refused()
    {
        var body = $"%p62 : int = prim::Constant[value={1L << 62}](); %s : int[] = prim::ListConstruct(%p62); %e = aten::expand(%x, %s); %l : Tensor[] = prim::ListConstruct(%e, %e, %e, %e); %c = aten::cat(%l, %i0)";
        Refused<InputException>(Programs.Text("x", body, "c"), ErrorCodes.SizeLimit, Programs.Range(1));
    }

    private static string SumOf(int count)
    {
        var body = string.Join("\n", Enumerable.Range(1, count - 1).Select(i => $"%s{i} = aten::add(%{(i == 1 ? "x0" : $"s{i - 1}")}, %x{i}, %i1)"));
        return Programs.Text(string.Join(" ", Enumerable.Range(0, count).Select(i => $"x{i}")), body, $"s{count - 1}");
    }

    private static string Chain(int count, Func<int, string> node, string before = "")
    {
        var body = new StringBuilder(before);
        for (var i = 0; i < count; i++)
        {
            body.Append($"%n{i} = {node(i).Replace("{0}", i == 0 ? "x" : $"n{i - 1}")}\n");
        }

        return Programs.Text("x y", body.ToString(), $"n{count - 1}");
    }

    private static void Refused<T>(string text, string code, params FuserValue[] inputs)
        where T : FuserException
    {
        foreach (var mode in Enum.GetValues<FusionMode>())
        {
            Should.Throw<FuserException>(() => Programs.RunOn(InterpreterTarget.Instance, mode, text, inputs)).ShouldBeAssignableTo<FuserException>()!.Code.ShouldBe(code);
        }
    }

    /// <summary>On a stack as small as a pool thread may have.</summary>
    private static void OnSmallStack(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    action();
                }
                catch (Exception error)
                {
                    failure = error;
                }
            },
            512 * 1024);
        thread.Start();
        thread.Join();
        failure.ShouldBeNull();
    }
}
