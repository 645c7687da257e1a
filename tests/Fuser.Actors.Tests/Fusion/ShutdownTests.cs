using Fuser.Actors.Core;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

public sealed class ShutdownTests
{
    [Fact]
    public async Task Disposing_waits_for_the_runs_in_progress()
    {
        using var gate = new Gate();
        var fuser = new FuserSystem(Systems.Options(options => options.ShutdownTimeout = TimeSpan.FromMinutes(5)), target: new GatedTarget(_ => gate.Pass()));
        var compiling = fuser.RunScaled(1);
        await gate.Reached();
        var end = fuser.DisposeAsync().AsTask();
        end.IsCompleted.ShouldBeFalse();
        gate.Open();
        await end.Guard();
        await compiling.Guard();
    }

    [Fact]
    public async Task Disposing_ends_in_time_with_a_compile_and_a_launch_that_hang_and_callers_get_a_named_error()
    {
        using var compiler = new Gate();
        using var device = new Gate();
        var fuser = new FuserSystem(Systems.Options(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(300)), target: new GatedTarget(_ => compiler.Pass()));
        var compiling = fuser.RunScaled(1);
        await compiler.Reached();
        var function = await fuser.RegisterAsync(Graphs.Scale(2));
        var onDevice = new RunOptions { Device = "interpreter" };
        var launching = function.RunAsync(Graphs.Inputs(new GatedMemory(Graphs.Data, device.Pass).Array), onDevice).AsTask();
        await device.Reached();
        var queued = function.RunAsync(Graphs.Inputs(NdArray.From(Graphs.Data)), onDevice).AsTask();

        await fuser.DisposeAsync().Guard(); // the hang limit is the test: both hang for as long as their gates are closed
        foreach (var run in (Task[])[compiling, launching, queued])
        {
            (await Should.ThrowAsync<FuserException>(run.Guard())).Code.ShouldBe(ErrorCodes.Stopped);
        }
    }

    [Fact]
    public async Task After_the_end_every_request_is_a_named_error_and_disposing_again_is_nothing()
    {
        var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        FuserValue[] inputs = [NdArray.From(Graphs.Data)];
        await function.RunAsync(inputs);
        await fuser.DisposeAsync();
        await fuser.DisposeAsync();
        function.TryRun(inputs, Graphs.Room()).ShouldBeFalse();
        foreach (var request in (Func<Task>[])[
            () => function.RunAsync(inputs).AsTask(),
            () => function.RunAsync(inputs, new RunOptions { Unfused = true }).AsTask(),
            () => function.WarmUpAsync(inputs).AsTask(),
            () => function.ExplainAsync(inputs).AsTask(),
            () => fuser.GetStatisticsAsync().AsTask(),
            () => fuser.ClearAsync().AsTask()])
        {
            (await Should.ThrowAsync<ActorStoppedException>(request().Guard())).Code.ShouldBe(ErrorCodes.Stopped);
        }
    }

    [Fact]
    public async Task Runs_beside_the_end_give_right_answers_or_named_errors()
    {
        var fuser = new FuserSystem(Systems.Options());
        await fuser.RunScaled(0);
        using var started = new CountdownEvent(4);
        var runs = Enumerable.Range(0, 4).Select(thread => Task.Run(async () =>
        {
            started.Signal();
            for (var number = 0; ; number++)
            {
                try
                {
                    await fuser.RunScaled((number * 4) + thread);
                }
                catch (FuserException error)
                {
                    return error.Code;
                }
            }
        })).ToArray();
        started.Wait();
        await fuser.DisposeAsync().Guard();
        (await Task.WhenAll(runs).Guard()).ShouldAllBe(code => code == ErrorCodes.Stopped || code == ErrorCodes.ActorFailed);
    }
}
