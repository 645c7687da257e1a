using System.Collections.Concurrent;
using Fuser.Actors.Core;
using Fuser.Actors.TestKit;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

public sealed class FailingCompilerTests
{
    [Fact]
    public async Task A_compile_that_is_refused_goes_to_the_fallback_with_the_reason_and_is_not_tried_again()
    {
        var compiles = 0;
        await using var fuser = new FuserSystem(Systems.Options(), compiler: () => new ScriptedCompiler(_ =>
        {
            Interlocked.Increment(ref compiles);
            return new CompileException(ErrorCodes.TargetUnsupported, "no such instruction");
        }));
        for (var i = 0; i < 3; i++)
        {
            var report = await fuser.RunScaled(1);
            report.Kernels.ShouldBeEmpty();
            report.Fallbacks.ShouldHaveSingleItem().Reason.ShouldContain("no such instruction");
        }

        compiles.ShouldBe(1);
        var statistics = await fuser.Statistics();
        (statistics.CompilesFailed, statistics.FallbackRuns, statistics.Kernels).ShouldBe((1, 3, 0));

        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        var error = await Should.ThrowAsync<CompileException>(function.WarmUpAsync(Graphs.Inputs(NdArray.From(Graphs.Data))).Guard());
        (error.Code, error.Message.Contains("no such instruction")).ShouldBe((ErrorCodes.TargetUnsupported, true));
        compiles.ShouldBe(1);

        await fuser.ClearAsync();
        await fuser.RunScaled(1);
        compiles.ShouldBe(2, "clearing forgets failures");
    }

    [Fact]
    public async Task Results_of_the_fallback_are_written_into_the_callers_arrays()
    {
        await using var fuser = new FuserSystem(Systems.Options(), compiler: () => new ScriptedCompiler(_ => new CompileException(ErrorCodes.CompileFailed, "no")));
        var function = await fuser.RegisterAsync(Graphs.Scale(2));
        var room = Graphs.Room();
        await function.RunAsync(Graphs.Inputs(NdArray.From(Graphs.Data)), room).Guard();
        room[0].ToArray<float>().ShouldBe(Graphs.Scaled(2, Graphs.Data));
    }

    [Fact]
    public async Task A_compiler_that_crashes_fails_its_compile_only_and_the_pool_goes_on()
    {
        var broken = true;
        await using var fuser = new FuserSystem(Systems.Options(), compiler: () => new ScriptedCompiler(compile =>
            Volatile.Read(ref broken) ? throw new InvalidTimeZoneException("the compiler broke") : ScriptedCompiler.Real(compile)));

        // Far more often than any limit on restarts in a minute.
        for (var number = 0; number < 60; number++)
        {
            (await fuser.RunScaled(number)).Fallbacks.ShouldHaveSingleItem().Reason.ShouldContain("the compiler broke");
        }

        Volatile.Write(ref broken, false);
        (await fuser.RunScaled(100)).Fallbacks.ShouldBeEmpty();
        (await fuser.RunScaled(1)).Fallbacks.ShouldNotBeEmpty("its failure is remembered");
        (await fuser.Statistics()).ActorRestarts.ShouldBe(60);
    }

    [Theory]
    [InlineData("fallback")]
    [InlineData("compilers")]
    public async Task A_pool_that_is_killed_costs_at_most_named_errors_and_comes_back(string pool)
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var killed = pool == "fallback" ? fuser.Fallback : fuser.Compilers;
        for (var i = 0; i < 5; i++)
        {
            killed.Tell(Kill.Instance);
            try
            {
                await fuser.RunScaled(i, new RunOptions { Unfused = pool == "fallback" });
            }
            catch (FuserException error)
            {
                error.Code.ShouldBeOneOf(ErrorCodes.Stopped, ErrorCodes.ActorFailed);
            }
        }

        await ActorTestKit.Settle(killed);
        (await fuser.RunScaled(10, new RunOptions { Unfused = pool == "fallback" })).Fallbacks.Length.ShouldBe(pool == "fallback" ? 1 : 0);
    }

    [Fact]
    public async Task A_compiler_that_never_answers_is_given_up_after_the_compile_timeout()
    {
        using var gate = new Gate();
        var time = new ManualTimeProvider();
        await using var fuser = new FuserSystem(Systems.Options(options => options.CompileTimeout = TimeSpan.FromSeconds(7)), time, compiler: () => new ScriptedCompiler(compile =>
        {
            if (compile.Spec.Text.Contains("1.5"))
            {
                gate.Pass();
                return null;
            }

            return ScriptedCompiler.Real(compile);
        }));

        var run = fuser.RunScaled(1);
        await gate.Reached();
        await fuser.RunScaled(2); // the other compiler serves

        // Past the compile's time-out and no further: the fallback works by the real clock, and must not time out by this one.
        for (var i = 0; i < 80; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        var report = await run;
        report.Fallbacks.ShouldHaveSingleItem().Reason.ShouldContain("7");
        (await fuser.RunScaled(1)).Fallbacks.ShouldNotBeEmpty("the time-out is remembered, or each run would wait that long");
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        (await Should.ThrowAsync<CompileException>(function.WarmUpAsync(Graphs.Inputs(NdArray.From(Graphs.Data))).Guard())).Code.ShouldBe(ErrorCodes.CompileTimeout);
        gate.Open();
        await time.AdvanceUntil(fuser.DisposeAsync().AsTask());
    }

    [Fact]
    public async Task An_answer_of_another_type_is_a_failed_compile()
    {
        await using var fuser = new FuserSystem(Systems.Options(), compiler: () => new ScriptedCompiler(_ => "nonsense"));
        (await fuser.RunScaled(1)).Fallbacks.ShouldHaveSingleItem().Reason.ShouldContain("String");
    }

    [Fact]
    public async Task A_full_queue_of_the_compilers_falls_back_and_is_not_remembered()
    {
        using var gate = new Gate();
        await using var fuser = new FuserSystem(Systems.Options(options => (options.Compilers, options.MailboxCapacity) = (1, 1)), compiler: () => new ScriptedCompiler(compile =>
        {
            gate.Pass();
            return ScriptedCompiler.Real(compile);
        }));
        var runs = new List<Task<RunReport>> { fuser.RunScaled(1) };
        await gate.Reached();
        runs.Add(fuser.RunScaled(2));
        while (fuser.Compilers.MailboxLength < 1)
        {
            await Task.Yield();
        }

        var refused = await fuser.RunScaled(3).Guard();
        refused.Fallbacks.ShouldHaveSingleItem().Reason.ShouldContain("1 messages");
        gate.Open();
        await Task.WhenAll(runs).Guard();
        (await fuser.RunScaled(3)).Fallbacks.ShouldBeEmpty();
    }

    [Fact]
    public async Task Failures_of_one_kernel_send_the_whole_graph_to_the_fallback()
    {
        var seen = new ConcurrentBag<string>();
        await using var fuser = new FuserSystem(Systems.Options(), compiler: () => new ScriptedCompiler(compile =>
        {
            seen.Add(compile.Spec.Text);
            return compile.Spec.Text.Contains("mul") ? new CompileException(ErrorCodes.CompileFailed, "no products") : ScriptedCompiler.Real(compile);
        }));
        var function = await fuser.RegisterAsync(Graphs.TwoGroups());
        var report = await function.RunWithReportAsync(Graphs.Inputs(new float[] { 1, 2 }, new float[] { 3, 4, 5 })).Guard();
        report.Outputs[0].ToArray<float>().ShouldBe([2, 4]);
        report.Outputs[1].ToArray<float>().ShouldBe([9, 16, 25]);
        report.Fallbacks.ShouldHaveSingleItem().Reason.ShouldContain("no products");
        seen.Count.ShouldBe(2);
    }
}
