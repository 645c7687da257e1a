using System.Text;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.ControlFlow;

namespace Fuser.Kernels.Tests.Partitioning;

/// <summary>What stands between a text and its kernels costs what the graph is long, and ends when nobody wants it any more. Judged by bytes and counts, which are the same on a busy machine.</summary>
public sealed class PlanningGrowthTests
{
    public static TheoryData<string> Shapes => [.. Build.Keys];

    private static readonly Dictionary<string, Func<int, string>> Build = new()
    {
        ["a chain"] = nodes => Chain(nodes, "%v{1} = aten::add(%v{0}, %v0, %i1)"),
        ["a chain of outputs"] = nodes => Chain(nodes, "%v{1} = aten::add(%v{0}, %v0, %i1)", string.Join(" ", Enumerable.Range(1, nodes).Select(i => $"v{i}"))),
        ["alternating reductions"] = nodes => Chain(nodes / 2, "%s{0} = aten::sum(%v{0}, %none)\n%v{1} = aten::sub(%v{0}, %s{0}, %i1)"),
        ["softmax after softmax"] = nodes => Chain(nodes / 4, "%v{1} = aten::softmax(%v{0}, %in1, %none)"),
        ["many means of one tensor"] = nodes => Chain(nodes / 3, "%m{0} = aten::mean(%x{0}, %none)\n%x{1} = aten::mul(%x{0}, %x0)\n%v{1} = aten::add(%v{0}, %m{0}, %i1)").Replace("graph(%v0 : Tensor", "graph(%x0 : Tensor, %v0 : Tensor"),
        ["deep views"] = nodes => Chain(nodes / 3, "%a{0} = aten::transpose(%v{0}, %i0, %i1)\n%b{0} = aten::mul(%a{0}, %v0)\n%v{1} = aten::transpose(%b{0}, %i0, %i1)"),
        ["concatenations"] = nodes => Chain(nodes / 3, "%l{0} : Tensor[] = prim::ListConstruct(%v{0}, %v0)\n%c{0} = aten::cat(%l{0}, %i0)\n%v{1} = aten::slice(%c{0}, %i0, %i1, %i3, %i1)"),
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Four_times_the_graph_takes_about_four_times_the_memory_to_plan(string shape)
    {
        foreach (var mode in Enum.GetValues<FusionMode>())
        {
            _ = BytesToPlan(shape, 1_000, mode); // what is made once in a process
            var (small, large) = (BytesToPlan(shape, 1_500, mode), BytesToPlan(shape, 6_000, mode));
            ((double)large / small).ShouldBeLessThan(7, $"{shape}, {mode}: {small} bytes, and {large} for four times the graph");
        }
    }

    [Fact]
    public void Reductions_that_alternate_with_what_needs_them_are_right_however_many_there_are()
    {
        var result = Programs.Run(Build["alternating reductions"](4_000), NdArray.From([1.5f, -2.25f]));
        result[0].ToArray<float>().ShouldBe([1.5f, -2.25f]); // each step swaps two numbers and their signs
    }

    [Fact]
    public void A_long_chain_is_right_and_is_kernels_of_bounded_size_that_are_compiled_once()
    {
        var (text, x) = (Build["a chain"](20_000), NdArray.From([1f, -0.5f, 0]));
        Programs.Run(text, x)[0].ToArray<float>().ShouldBe([20_001f, -10_000.5f, 0]);
        var plan = Programs.Plan(text, x);
        plan.Groups.ShouldAllBe(group => group.Operations <= 2_048);
        plan.Groups.Select(group => group.Graph).Distinct<object>(ReferenceEqualityComparer.Instance).Count().ShouldBeLessThan(4);

        var target = new CountingTarget();
        KernelCompiler.CompilePlan(plan, target);
        target.Compiles.ShouldBeLessThan(4);
    }

    [Fact]
    public void A_kernel_does_not_grow_with_what_could_run_beside_it()
    {
        var body = string.Join("\n", Enumerable.Range(0, 3_000).Select(i => $"%c{i} : float = prim::Constant[value={i}.]()\n%y{i} = aten::mul(%x, %c{i})"));
        var text = Programs.Text("x", body, string.Join(" ", Enumerable.Range(0, 3_000).Select(i => $"y{i}")));
        var plan = Programs.Plan(text, Programs.Range(3));
        plan.Groups.Length.ShouldBeInRange(2, 12);
        var results = Programs.RunOn(InterpreterTarget.Instance, FusionMode.Fused, text, NdArray.From([2f]));
        results.Select(result => result.ToArray<float>()[0]).ShouldBe(Enumerable.Range(0, 3_000).Select(i => 2f * i));
    }

    [Fact]
    public void Every_stage_ends_when_nobody_wants_it_any_more()
    {
        var gone = new CancellationToken(canceled: true);
        FuserValue[] inputs = [Programs.Range(3)];
        var graph = GraphText.Parse(Build["a chain"](10));
        var normalised = Normaliser.Normalise(graph);
        var plan = Partitioner.Plan(normalised, inputs, FusionMode.Fused);
        var compiled = KernelCompiler.CompilePlan(plan, SimdTarget.Best);
        Ends(() => GraphText.Parse(Build["a chain"](10), null, gone));
        Ends(() => Normaliser.Normalise(graph, gone));
        Ends(() => Partitioner.Plan(normalised, inputs, FusionMode.Fused, gone));
        Ends(() => Partitioner.Plan(normalised, inputs, FusionMode.Unfused, gone));
        Ends(() => KernelCompiler.CompilePlan(plan, SimdTarget.Best, gone));
        Ends(() => compiled.Run(inputs, cancellationToken: gone));
        foreach (var text in new[] { Build["a chain"](10), Build["softmax after softmax"](4) })
        {
            var kernel = Programs.Specialise(text, Programs.Range(3, 3))[0];
            Ends(() => KernelCompiler.CompileKernel(kernel.Spec, kernel.Arguments, SimdTarget.Best, gone));
        }

        static void Ends(Action stage) => Should.Throw<OperationCanceledException>(stage);
    }

    [Fact]
    public void A_compile_of_many_kernels_ends_at_the_next()
    {
        using var cancellation = new CancellationTokenSource();
        var target = new CountingTarget { AfterCompile = compiles => { if (compiles == 3) { cancellation.Cancel(); } } };
        var body = string.Join("\n", Enumerable.Range(0, 50).Select(i => $"%c{i} : float = prim::Constant[value={i}.]()\n%v{i + 1} = aten::mul(%v{i}, %c{i})"));
        var plan = Partitioner.Plan(Normaliser.Normalise(GraphText.Parse(Programs.Text("v0", body, "v50"))), [Programs.Range(3)], FusionMode.Unfused);
        Should.Throw<OperationCanceledException>(() => KernelCompiler.CompilePlan(plan, target, cancellation.Token));
        target.Compiles.ShouldBe(3);
    }

    [Fact]
    public void Planning_looks_at_its_token_all_along()
    {
        using var cancellation = new CancellationTokenSource();
        var effort = new PlanningEffort(long.MaxValue, cancellation.Token);
        for (var i = 0; i < 100_000; i++)
        {
            effort.Look();
        }

        cancellation.Cancel();
        Should.Throw<OperationCanceledException>(() =>
        {
            while (effort.Looks < 102_000)
            {
                effort.Look();
            }
        });
    }

    private static long BytesToPlan(string shape, int nodes, FusionMode mode)
    {
        FuserValue[] inputs = [Programs.Range(3, 3)];
        var text = Build[shape](nodes);
        inputs = text.StartsWith("graph(%x0", StringComparison.Ordinal) ? [inputs[0], inputs[0]] : inputs;
        var before = GC.GetAllocatedBytesForCurrentThread();
        KernelCompiler.CompilePlan(Partitioner.Plan(Normaliser.Normalise(GraphText.Parse(text)), inputs, mode), InterpreterTarget.Instance);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static string Chain(int count, string step, string? outputs = null)
    {
        var body = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            body.Append(step.Replace("{0}", $"{i}").Replace("{1}", $"{i + 1}")).Append('\n');
        }

        return Programs.Text("v0", body.ToString(), outputs ?? $"v{count}");
    }
}
