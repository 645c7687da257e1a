using System.Collections.Concurrent;
using Fuser.Actors.Compilation;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

/// <summary>Work that nobody waits for any more ends; work that somebody does wait for goes on, whoever else gave up.</summary>
public sealed class GivenUpRunTests
{
    [Fact]
    public async Task A_compile_ends_when_the_last_who_waited_for_it_gave_up_and_is_begun_anew_when_it_is_wanted()
    {
        var compiles = new ConcurrentQueue<Compile>();
        var answers = 0;
        await using var fuser = new FuserSystem(Systems.Options(), compiler: () => new ScriptedCompiler(compile =>
        {
            compiles.Enqueue(compile);
            return Volatile.Read(ref answers) == 0 ? null : ScriptedCompiler.Real(compile);
        }));
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var runs = new[] { first, second }.Select(caller => function.RunAsync(Graphs.Inputs(NdArray.From(Graphs.Data)), cancellationToken: caller.Token).AsTask()).ToArray();
        await Until(() => !compiles.IsEmpty);

        await first.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(runs[0].Guard());
        compiles.TryPeek(out var compile).ShouldBeTrue();
        compile!.Cancellation.IsCancellationRequested.ShouldBeFalse();

        await second.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(runs[1].Guard());
        await Until(() => compile.Cancellation.IsCancellationRequested);

        Volatile.Write(ref answers, 1);
        (await fuser.RunScaled(1)).Kernels.ShouldHaveSingleItem().Cached.ShouldBeFalse();
        compiles.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_compile_that_timed_out_is_ended()
    {
        Compile? seen = null;
        await using var fuser = new FuserSystem(Systems.Options(options => options.CompileTimeout = TimeSpan.FromMilliseconds(50)), compiler: () => new ScriptedCompiler(compile =>
        {
            Volatile.Write(ref seen, compile);
            return null;
        }));
        (await fuser.RunScaled(1)).Fallbacks.ShouldHaveSingleItem();
        seen!.Cancellation.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task A_run_that_is_given_up_while_its_kernels_are_compiled_leaves_the_compilers_to_others()
    {
        using var gate = new Gate();
        var target = new GatedTarget(_ => gate.Pass());
        await using var fuser = new FuserSystem(Systems.Options(options => options.Compilers = 1), target: target);
        var function = await fuser.RegisterAsync(Graphs.TwoGroups());
        using var caller = new CancellationTokenSource();
        var run = function.RunAsync(Graphs.Inputs(NdArray.From(Graphs.Data), NdArray.From(new float[3])), cancellationToken: caller.Token).AsTask();
        await gate.Reached();
        await caller.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(run.Guard());
        gate.Open();
        await fuser.RunScaled(1);
        target.Compiles.ShouldBe(2); // the second kernel of the run that was given up waited for the compiler, and was not begun
    }

    [Fact]
    public async Task A_plan_is_not_made_for_a_caller_who_is_gone()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        FuserValue[] inputs = [NdArray.From(Graphs.Data)];
        foreach (var options in new[] { RunOptions.Default, new RunOptions { Unfused = true } })
        {
            Should.Throw<OperationCanceledException>(() => function.RunBytes(inputs, options, new CancellationToken(canceled: true)));
        }
    }

    private static async Task Until(Func<bool> condition)
    {
        var hung = Task.Delay(TestKit.ActorTestKit.HangLimit);
        while (!condition())
        {
            hung.IsCompleted.ShouldBeFalse();
            await Task.Yield();
        }
    }
}
