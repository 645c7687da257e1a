using Fuser.Kernels;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

/// <summary>Graphs with control flow, through every way in.</summary>
public sealed class ControlFlowTests
{
    /// <summary>y = x; n times y = y + x * i: a kernel that gets another number on every trip.</summary>
    private static Graph Counting => GraphText.Parse("""
        graph(%x : Tensor, %n : int):
          %true : bool = prim::Constant[value=1]()
          %one : int = prim::Constant[value=1]()
          %y : Tensor = prim::Loop(%n, %true, %x)
            block0(%i : int, %a : Tensor):
              %s : Tensor = aten::mul(%x, %i)
              %b : Tensor = aten::add(%a, %s, %one)
              -> (%true, %b)
          return (%y)
        """);

    /// <summary>A loop that nothing in it ends.</summary>
    private static Graph Endless => GraphText.Parse("""
        graph(%x : Tensor):
          %true : bool = prim::Constant[value=1]()
          %ever : int = prim::Constant[value=9223372036854775807]()
          %y : Tensor = prim::Loop(%ever, %true, %x)
            block0(%i : int, %a : Tensor):
              %b : Tensor = aten::neg(%a)
              -> (%true, %b)
          return (%y)
        """);

    /// <summary>A branch on the first element, in which each side has an operation of its own.</summary>
    private static Graph Branching => GraphText.Parse("""
        graph(%x : Tensor):
          %zero : int = prim::Constant[value=0]()
          %first : Tensor = aten::select(%x, %zero, %zero)
          %positive : bool = aten::Bool(%first)
          %y : Tensor = prim::If(%positive)
            block0():
              %a : Tensor = aten::exp(%x)
              -> (%a)
            block1():
              %b : Tensor = aten::neg(%x)
              -> (%b)
          return (%y)
        """);

    private static float[] Counted(int trips) => [.. Graphs.Data.Select(x => x + (x * (trips * (trips - 1) / 2)))];

    [Fact]
    public async Task A_thousand_trips_are_one_run_and_one_compile()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Counting);
        for (var round = 0; round < 3; round++)
        {
            (await function.RunAsync(Graphs.Inputs(Graphs.Data, 1000)).Guard())[0].ToArray<float>().ShouldBe(Counted(1000));
        }

        var statistics = await fuser.Statistics();
        (statistics.KernelsCompiled, statistics.Runs, statistics.FallbackRuns).ShouldBe((1, 3, 0));
    }

    [Theory]
    [InlineData("cpu", false)]
    [InlineData("interpreter", false)]
    [InlineData("cpu", true)]
    public async Task Every_device_and_the_fallback_give_the_same(string device, bool unfused)
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Counting);
        var report = await function.RunWithReportAsync(Graphs.Inputs(Graphs.Data, 5), new RunOptions { Device = device, Unfused = unfused }).Guard();
        report.Outputs[0].ToArray<float>().ShouldBe(Counted(5));
        (await fuser.Statistics()).FallbackRuns.ShouldBe(unfused ? 1 : 0);
        report.Steps.ShouldAllBe(step => step.StartsWith("region 0, 5 times: "));
        report.Fallbacks.Length.ShouldBe(unfused ? 1 : 0);
        report.Kernels.Length.ShouldBe(unfused ? 0 : 1);
    }

    [Theory]
    [InlineData("cpu", false)]
    [InlineData("interpreter", false)]
    [InlineData("cpu", true)]
    public async Task An_endless_loop_gives_its_caller_the_task_and_ends_when_it_is_cancelled(string device, bool unfused)
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Endless);
        using var source = new CancellationTokenSource();

        // The call itself returns: what the loop goes on with is not the caller's thread.
        var run = function.RunAsync(Graphs.Inputs(Graphs.Data), new RunOptions { Device = device, Unfused = unfused }, source.Token).AsTask();
        var into = function.RunAsync(Graphs.Inputs(Graphs.Data), Graphs.Room(), new RunOptions { Device = device, Unfused = unfused }, source.Token).AsTask();
        (run.IsCompleted, into.IsCompleted).ShouldBe((false, false));
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(run.Guard());
        await Should.ThrowAsync<OperationCanceledException>(into.Guard());
        await fuser.RunScaled(1); // nothing hangs
    }

    [Fact]
    public async Task A_warm_program_runs_on_the_thread_of_its_caller_into_the_callers_arrays()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Counting);
        FuserValue[] inputs = [Graphs.Data, 3];
        var outputs = Graphs.Room();
        function.TryRun(inputs, outputs).ShouldBeFalse();
        await function.RunAsync(inputs, outputs).Guard();
        outputs[0].ToArray<float>().ShouldBe(Counted(3));

        var again = Graphs.Room();
        function.TryRun(inputs, again).ShouldBeTrue();
        again[0].ToArray<float>().ShouldBe(Counted(3));

        // In place: everything is read before anything is written.
        var data = NdArray.From(Graphs.Data);
        await function.RunAsync(Graphs.Inputs(data, 4), new[] { data }).Guard();
        data.ToArray<float>().ShouldBe(Counted(4));
        var error = await Should.ThrowAsync<InputException>(function.RunAsync(inputs, Graphs.Room(3)).Guard());
        error.Code.ShouldBe(ErrorCodes.OutputMismatch);
    }

    [Fact]
    public async Task Warming_up_compiles_loop_bodies_and_both_branches_without_reading_an_element()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Branching);
        function.WouldCompile(Graphs.Inputs(Graphs.Data)).ShouldBeTrue();
        await function.WarmUpAsync(Graphs.Inputs(Graphs.Data)).Guard();
        function.WouldCompile(Graphs.Inputs(Graphs.Data)).ShouldBeFalse();
        var statistics = await fuser.Statistics();
        (statistics.KernelsCompiled, statistics.Runs).ShouldBe((2, 0));

        (await function.RunAsync(Graphs.Inputs(new float[] { 0, 2 })).Guard())[0].ToArray<float>().ShouldBe([-0f, -2f]);
        (await function.RunAsync(Graphs.Inputs(new float[] { 1, 0 })).Guard())[0].ToArray<float>()[1].ShouldBe(1f);

        var counting = await fuser.RegisterAsync(Counting);
        await counting.WarmUpAsync(Graphs.Inputs(Graphs.Data, 7)).Guard();
        await counting.RunAsync(Graphs.Inputs(Graphs.Data, 9)).Guard();
        (await fuser.Statistics()).KernelsCompiled.ShouldBe(3);
    }

    [Fact]
    public async Task What_follows_from_elements_is_planned_when_a_run_comes_to_it_and_said_so()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(GraphText.Parse("""
            graph(%x : Tensor):
              %true : bool = prim::Constant[value=1]()
              %zero : int = prim::Constant[value=0]()
              %one : int = prim::Constant[value=1]()
              %none : NoneType = prim::Constant()
              %e : Tensor = aten::select(%x, %zero, %zero)
              %n : int = aten::Int(%e)
              %head : Tensor = aten::slice(%x, %zero, %none, %n, %one)
              %y : Tensor = aten::exp(%head)
              return (%y)
            """));
        var explanation = await function.ExplainAsync(Graphs.Inputs(new float[] { 2, 5, 6 }));
        explanation.NotFused.ShouldHaveSingleItem().Where.ShouldBe("region 0");
        explanation.Steps.ShouldContain(step => step.Contains("planned when a run comes to it"));
        await function.WarmUpAsync(Graphs.Inputs(new float[] { 2, 5, 6 })).Guard();
        (await fuser.Statistics()).KernelsCompiled.ShouldBe(0);
        (await function.RunAsync(Graphs.Inputs(new float[] { 2, 5, 6 })).Guard())[0].ElementCount.ShouldBe(2);
    }

    [Fact]
    public async Task An_explanation_shows_regions_loops_and_branches_with_their_kernels()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var loop = await (await fuser.RegisterAsync(Counting)).ExplainAsync(Graphs.Inputs(Graphs.Data, 3));
        loop.Steps.Length.ShouldBe(3);
        loop.Steps[0].ShouldBe("loop (line 4), carries 1 value:");
        loop.Steps[1].ShouldStartWith("  region 0: aten::mul, aten::add");
        loop.Steps[2].ShouldStartWith("    group 0: kernel of 2 operations");
        loop.Groups.ShouldHaveSingleItem().Listing.Length.ShouldBeGreaterThan(100);

        var branch = await (await fuser.RegisterAsync(Branching)).ExplainAsync(Graphs.Inputs(Graphs.Data));
        branch.Steps.ShouldContain("if (line 5), when the condition holds:");
        branch.Steps.ShouldContain("else:");
        branch.Steps.ShouldContain("interpret: aten::select, aten::Bool");
        branch.Groups.Select(group => group.Group).ShouldBe([0, 1]);
        var statistics = await fuser.Statistics();
        (statistics.KernelsCompiled, statistics.Runs).ShouldBe((0, 0), "explaining compiles for a look only");
    }

    [Fact]
    public async Task A_region_that_cannot_be_compiled_goes_to_the_fallback_and_the_others_do_not()
    {
        var compiles = 0;
        await using var fuser = new FuserSystem(Systems.Options(), compiler: () => new ScriptedCompiler(compile => Interlocked.Increment(ref compiles) == 1 ? ScriptedCompiler.Real(compile) : new CompileException(ErrorCodes.CompileFailed, "no such instruction")));
        var function = await fuser.RegisterAsync(GraphText.Parse("""
            graph(%x : Tensor, %n : int):
              %true : bool = prim::Constant[value=1]()
              %one : int = prim::Constant[value=1]()
              %e : Tensor = aten::add(%x, %x, %one)
              %y : Tensor = prim::Loop(%n, %true, %e)
                block0(%i : int, %a : Tensor):
                  %b : Tensor = aten::neg(%a)
                  -> (%true, %b)
              return (%y)
            """));
        var report = await function.RunWithReportAsync(Graphs.Inputs(Graphs.Data, 3)).Guard();
        report.Outputs[0].ToArray<float>().ShouldBe(Graphs.Data.Select(x => -2 * x));
        report.Kernels.Length.ShouldBe(1);
        var fallback = report.Fallbacks.ShouldHaveSingleItem();
        fallback.Where.ShouldBe("region 1");
        fallback.Reason.ShouldContain("no such instruction");
        (await fuser.Statistics()).FallbackRuns.ShouldBe(1);
    }

    [Fact]
    public async Task The_graphs_own_error_reaches_the_caller_and_no_actor_is_restarted()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(GraphText.Parse("""
            graph(%x : Tensor, %c : bool):
              %message : str = prim::Constant[value="not today"]()
               = prim::If(%c)
                block0():
                   = prim::RaiseException(%message)
                  -> ()
                block1():
                  -> ()
              %y : Tensor = aten::neg(%x)
              return (%y)
            """));
        foreach (var unfused in new[] { false, true })
        {
            var error = await Should.ThrowAsync<LaunchException>(function.RunAsync(Graphs.Inputs(Graphs.Data, true), new RunOptions { Unfused = unfused }).Guard());
            (error.Code, error.Message).ShouldBe((ErrorCodes.GraphRaised, "line 5, col 8: the graph raised an error: not today"));
        }

        await function.RunAsync(Graphs.Inputs(Graphs.Data, false)).Guard();
        (await fuser.Statistics()).ActorRestarts.ShouldBe(0);
    }

    [Fact]
    public async Task Many_callers_share_a_program()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Counting);
        var runs = Enumerable.Range(1, 24).Select(trips => Task.Run(async () => (Trips: trips, Outputs: await function.RunAsync(Graphs.Inputs(Graphs.Data, trips)))));
        foreach (var (trips, outputs) in await Task.WhenAll(runs).Guard())
        {
            outputs[0].ToArray<float>().ShouldBe(Counted(trips));
        }

        (await fuser.Statistics()).KernelsCompiled.ShouldBe(1);
    }
}
