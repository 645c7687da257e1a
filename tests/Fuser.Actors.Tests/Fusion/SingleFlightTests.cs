using Fuser.Actors.Compilation;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

public sealed class SingleFlightTests
{
    [Fact]
    public async Task Sixty_four_callers_of_one_new_graph_cause_one_spec_and_one_compile_and_get_the_same_bits()
    {
        using var gate = new Gate();
        var target = new GatedTarget(_ => gate.Pass());
        await using var fuser = new FuserSystem(Systems.Options(), target: target);
        var runs = Enumerable.Range(0, 64).Select(_ => Task.Run(() => fuser.RunScaled(3))).ToArray();
        await gate.Reached();

        while ((await fuser.Statistics()).Runs < 64)
        {
            await Task.Yield();
        }

        gate.Open();
        var reports = await Task.WhenAll(runs).Guard();

        target.Compiles.ShouldBe(1);
        var statistics = await fuser.Statistics();
        (statistics.SpecsCreated, statistics.KernelsCompiled, statistics.Kernels, statistics.Runs, statistics.FallbackRuns).ShouldBe((1, 1, 1, 64, 0));
        reports.Select(report => string.Join(",", report.Outputs[0].Bits())).Distinct().Count().ShouldBe(1);
        reports.Count(report => !report.Kernels[0].Cached).ShouldBe(1);
    }

    [Fact]
    public async Task Sixty_four_callers_of_one_function_and_real_code_compile_once()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Graphs.Scale(4));
        var results = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
            (await function.RunAsync(Graphs.Inputs(NdArray.From(Graphs.Data))))[0].ToArray<float>()))).Guard();
        results.ShouldAllBe(result => result.SequenceEqual(Graphs.Scaled(4, Graphs.Data)));
        (await fuser.Statistics()).KernelsCompiled.ShouldBe(1);
    }

    [Fact]
    public async Task The_caller_who_started_a_compile_may_give_up_and_the_others_still_get_it()
    {
        using var gate = new Gate();
        var target = new GatedTarget(_ => gate.Pass());
        await using var fuser = new FuserSystem(Systems.Options(), target: target);
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        using var cancellation = new CancellationTokenSource();
        var first = function.RunAsync(Graphs.Inputs(NdArray.From(Graphs.Data)), cancellationToken: cancellation.Token).AsTask();
        await gate.Reached();
        var second = fuser.RunScaled(1);
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(first.Guard());
        gate.Open();
        await second;
        target.Compiles.ShouldBe(1);
    }

    [Fact]
    public async Task A_graph_that_differs_in_names_and_dead_code_shares_the_kernel()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        await fuser.RunScaled(7);
        var other = await fuser.RegisterAsync(Kernels.Graphs.Text.GraphText.Parse("""
            graph(%input.1 : Tensor):
              %dead : Tensor = aten::neg(%input.1)
              %k : float = prim::Constant[value=7.5]()
              %1 : int = prim::Constant[value=1]()
              %p : Tensor = aten::mul(%input.1, %k)
              %q : Tensor = aten::add(%p, %input.1, %1)
              return (%q)
            """));
        var report = await other.RunWithReportAsync(Graphs.Inputs(NdArray.From(Graphs.Data)));
        report.Kernels[0].Cached.ShouldBeTrue();
        (await fuser.Statistics()).KernelsCompiled.ShouldBe(1);
    }

    [Fact]
    public async Task Two_compilers_compile_two_graphs_at_the_same_time()
    {
        using var gate = new Gate();
        await using var fuser = new FuserSystem(Systems.Options(), compiler: () => new ScriptedCompiler(Gated));
        var (first, second) = (fuser.RunScaled(1), fuser.RunScaled(2));
        await gate.Reached();
        await gate.Reached();
        gate.Open();
        await Task.WhenAll(first, second);

        object Gated(Compile compile)
        {
            gate.Pass();
            return ScriptedCompiler.Real(compile);
        }
    }
}
