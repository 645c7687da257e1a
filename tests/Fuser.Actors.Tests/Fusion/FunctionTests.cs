using Fuser.Kernels;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

public sealed class FunctionTests
{
    [Fact]
    public async Task Other_sizes_and_other_numbers_do_not_compile_again()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Graphs.ScalarTimes());
        for (var size = 2; size < 60; size++)
        {
            var x = Enumerable.Range(0, size).Select(i => (float)i).ToArray();
            var result = await function.RunAsync(Graphs.Inputs(x, size * 0.5, x));
            result[0].ToArray<float>().ShouldBe(x.Select(value => (value * (size * 0.5f)) + value));
        }

        // A matrix, a transposed matrix, and one with gaps: strides and ranks are the launcher's.
        float[] data = [.. Enumerable.Range(0, 12).Select(i => (float)i)];
        foreach (var layout in (TensorLayout[])[new([3, 4], [4, 1]), new([4, 3], [1, 4]), new([3, 2], [4, 2])])
        {
            var x = NdArray.From(data.AsMemory(), layout);
            var result = await function.RunAsync(Graphs.Inputs(x, 3.0, x));
            result[0].ToArray<float>().ShouldBe(x.ToArray<float>().Select(value => value * 4));
        }

        (await fuser.Statistics()).KernelsCompiled.ShouldBe(1);

        var doubles = await function.RunAsync(Graphs.Inputs(new double[] { 1, 2 }, 3.0, new double[] { 5, 6 }));
        doubles[0].ToArray<double>().ShouldBe([8, 12]);
        (await fuser.Statistics()).KernelsCompiled.ShouldBe(2, "another dtype is other code");
    }

    [Fact]
    public async Task A_function_says_whether_it_would_compile_and_warming_up_compiles_without_running()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Graphs.TwoGroups());
        FuserValue[] inputs = [new float[] { 1, 2 }, new float[] { 3, 4, 5 }];
        NdArray[] outputs = [NdArray.From(new float[2]), NdArray.From(new float[3])];
        function.WouldCompile(inputs).ShouldBeTrue();
        function.TryRun(inputs, outputs).ShouldBeFalse();
        await function.WarmUpAsync(inputs);
        function.WouldCompile(inputs).ShouldBeFalse();
        var statistics = await fuser.Statistics();
        (statistics.KernelsCompiled, statistics.Runs).ShouldBe((2, 0));
        function.TryRun(inputs, outputs).ShouldBeTrue();
        (outputs[0].ToArray<float>()[1], outputs[1].ToArray<float>()[2]).ShouldBe((4, 25));
        (await fuser.Statistics()).Runs.ShouldBe(1);
    }

    [Fact]
    public async Task A_report_says_what_ran()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Graphs.TwoGroups());
        FuserValue[] inputs = [new float[] { 1, 2 }, new float[] { 3, 4, 5 }];
        var first = await function.RunWithReportAsync(inputs);
        first.Kernels.Select(kernel => (kernel.Group, kernel.Operations, kernel.Cached, kernel.Key.Length)).ShouldBe([(0, 1, false, 32), (1, 1, false, 32)]);
        first.Kernels.ShouldAllBe(kernel => kernel.CompileTime > TimeSpan.Zero);
        (first.Steps.Length, first.Fallbacks.Length).ShouldBe((2, 0));
        first.Steps[0].ShouldContain("aten::add");
        first.Steps[0].ShouldContain("[2]");
        first.RunTime.ShouldBeGreaterThan(TimeSpan.Zero);
        (await function.RunWithReportAsync(inputs)).Kernels.ShouldAllBe(kernel => kernel.Cached);

        var unfused = await function.RunWithReportAsync(inputs, new RunOptions { Unfused = true });
        (unfused.Kernels.Length, unfused.Steps.Length).ShouldBe((0, 2));
        unfused.Fallbacks.ShouldHaveSingleItem().Reason.ShouldContain("Unfused");
    }

    [Fact]
    public async Task An_explanation_has_keys_graphs_code_and_why_it_would_compile()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Graphs.Scale(3));
        FuserValue[] inputs = [NdArray.From(Graphs.Data)];
        var before = await function.ExplainAsync(inputs);
        before.GraphKey.ShouldBe(function.Key);
        before.NormalisedGraph.ShouldContain("aten::mul");
        before.NotFused.ShouldBeEmpty();
        before.Steps.ShouldHaveSingleItem().ShouldContain("2 operations");
        var group = before.Groups.ShouldHaveSingleItem();
        (group.SpecKey.Length, group.WouldCompile).ShouldNotBe((0, null));
        group.ArgumentKey.ShouldContain("float32");
        group.Graph.ShouldContain("3.5");
        group.KernelIr.ShouldContain("kernel", Case.Insensitive);
        group.Listing.Length.ShouldBeGreaterThan(100);
        var statistics = await fuser.Statistics();
        (statistics.KernelsCompiled, statistics.Runs).ShouldBe((0, 0), "explaining compiles for a look only");

        await function.RunAsync(inputs);
        (await function.ExplainAsync(inputs)).Groups[0].WouldCompile.ShouldBeNull();
        var other = (await function.ExplainAsync(Graphs.Inputs(new double[] { 1 }))).Groups[0].WouldCompile;
        other.ShouldNotBeNull().ShouldContain("float64");
    }

    [Fact]
    public async Task An_explanation_of_what_cannot_be_compiled_says_why()
    {
        await using var fuser = new FuserSystem(Systems.Options(), compiler: () => new ScriptedCompiler(_ => new CompileException(ErrorCodes.CompileFailed, "no such instruction")));
        var function = await fuser.RegisterAsync(Graphs.Scale(3));
        var explanation = await function.ExplainAsync(Graphs.Inputs(NdArray.From(Graphs.Data)));
        explanation.NotFused.ShouldHaveSingleItem().Reason.ShouldContain("no such instruction");
        explanation.Groups[0].KernelIr.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Wrong_inputs_and_outputs_are_named_errors_whether_the_kernel_is_ready_or_not()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Graphs.ScalarTimes());
        float[] x = [1, 2];
        for (var round = 0; round < 2; round++)
        {
            await Fails(ErrorCodes.InputCount, [x, 2.0], Graphs.Room(2));
            await Fails(ErrorCodes.InputKind, [x, x, x], Graphs.Room(2));
            await Fails(ErrorCodes.BroadcastMismatch, [x, 2.0, new float[] { 1, 2, 3 }], Graphs.Room(2));
            await Fails(ErrorCodes.OutputMismatch, [x, 2.0, x], Graphs.Room(3));
            await Fails(ErrorCodes.OutputMismatch, [x, 2.0, x], [NdArray.From(new double[2])]);
            await Fails(ErrorCodes.OutputMismatch, [x, 2.0, x], []);
            await function.WarmUpAsync(Graphs.Inputs(x, 2.0, x));
        }

        Should.Throw<InputException>(() => function.TryRun(Graphs.Inputs(x, 2.0, x), [])).Code.ShouldBe(ErrorCodes.OutputMismatch);

        async Task Fails(string code, FuserValue[] inputs, NdArray[] outputs)
        {
            var run = function.RunAsync(inputs, outputs); // the error is the task's
            (await Should.ThrowAsync<FuserException>(run.Guard())).Code.ShouldBe(code);
        }
    }

    [Fact]
    public async Task A_cancelled_token_stops_a_run_before_it_starts()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        FuserValue[] inputs = [NdArray.From(Graphs.Data)];
        var cancelled = new CancellationToken(canceled: true);
        for (var round = 0; round < 2; round++)
        {
            await Should.ThrowAsync<OperationCanceledException>(function.RunAsync(inputs, cancellationToken: cancelled).Guard());
            await Should.ThrowAsync<OperationCanceledException>(function.RunAsync(inputs, Graphs.Room(), cancellationToken: cancelled).Guard());
            await Should.ThrowAsync<OperationCanceledException>(function.RunWithReportAsync(inputs, cancellationToken: cancelled).Guard());
            await function.WarmUpAsync(inputs);
        }

        (await fuser.Statistics()).Runs.ShouldBe(0);
    }

    [Fact]
    public async Task More_signatures_than_a_function_remembers_still_compile_once()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Graphs.Scale(2));
        for (var round = 0; round < 3; round++)
        {
            for (var size = 2; size < 40; size++)
            {
                float[] x = [.. Enumerable.Range(0, size).Select(i => (float)i)];
                (await function.RunAsync(Graphs.Inputs(x)))[0].ToArray<float>().ShouldBe(Graphs.Scaled(2, x));
            }
        }

        (await fuser.Statistics()).KernelsCompiled.ShouldBe(1);
    }

    [Fact]
    public async Task Seeds_decide_random_results_alone()
    {
        var graph = GraphText.Parse("""
            graph(%x : Tensor):
              %none : NoneType = prim::Constant()
              %z : Tensor = aten::rand_like(%x, %none, %none, %none, %none, %none)
              return (%z)
            """);
        FuserValue[] inputs = [NdArray.From(new float[1000])];
        await using var first = new FuserSystem(Systems.Options(options => options.Seed = 5));
        await using var second = new FuserSystem(Systems.Options(options => options.Seed = 5));
        var (a, b) = (await first.RegisterAsync(graph), await second.RegisterAsync(graph));
        var seen = new HashSet<float>();
        for (var i = 0; i < 5; i++)
        {
            var bits = (await a.RunAsync(inputs))[0].Bits();
            bits.ShouldBe((await b.RunAsync(inputs, new RunOptions { Unfused = i % 2 == 0 }))[0].Bits(), "the system's seed makes runs in order repeatable");
            seen.Add(bits[0]);
            await second.RunScaled(i); // draws no seed
        }

        seen.Count.ShouldBe(5);
        var fixedSeed = new RunOptions { Seed = 42 };
        (await a.RunAsync(inputs, fixedSeed))[0].Bits().ShouldBe((await a.RunAsync(inputs, fixedSeed with { Device = "interpreter", Threads = 1 }))[0].Bits());
    }

    [Fact]
    public async Task Options_changed_after_the_start_do_not_reach_the_system()
    {
        var options = Systems.Options(change => change.MaxSpecs = 2);
        await using var fuser = new FuserSystem(options);
        options.MaxSpecs = 1;
        await fuser.RunScaled(1);
        await fuser.RunScaled(2);
        (await fuser.Statistics()).Specs.ShouldBe(2);
    }
}
