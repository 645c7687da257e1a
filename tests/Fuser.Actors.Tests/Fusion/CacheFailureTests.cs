using Fuser.Actors.Core;
using Fuser.Actors.TestKit;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

/// <summary>The actors of the caches crash, stand still, or are full.</summary>
public sealed class CacheFailureTests
{
    [Fact]
    public async Task A_spec_whose_actor_is_killed_is_registered_again()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        FuserValue[] inputs = [NdArray.From(Graphs.Data)];
        for (var i = 0; i < 5; i++)
        {
            (await function.RunAsync(inputs).Guard())[0].ToArray<float>().ShouldBe(Graphs.Scaled(1, Graphs.Data));
            var spec = (await fuser.Spec(1))!.Actor;
            spec.Tell(Kill.Instance);
            await Should.ThrowAsync<FuserException>(spec.Ask<string>(new Identify(null)).Guard());
        }

        (await function.RunWithReportAsync(inputs).Guard()).Fallbacks.ShouldBeEmpty();
        var statistics = await fuser.Statistics();
        (statistics.Specs, statistics.SpecsCreated, statistics.SpecsEvicted).ShouldBe((1, 6, 0));
        (statistics.Kernels, statistics.KernelsCompiled - statistics.KernelsEvicted).ShouldBe((1, 1));
    }

    [Fact]
    public async Task A_spec_whose_actor_crashes_falls_back_once_and_then_compiles()
    {
        var crashes = 1;
        var log = new GateLog(id =>
        {
            if (id == GateLog.Compiling && Interlocked.Decrement(ref crashes) >= 0)
            {
                throw new InvalidTimeZoneException("the log broke");
            }
        });
        await using var fuser = new FuserSystem(Systems.Options(), loggers: log);
        (await fuser.RunScaled(1)).Fallbacks.ShouldHaveSingleItem().Reason.ShouldContain("the log broke");
        (await fuser.RunScaled(1)).Fallbacks.ShouldBeEmpty();
        (await fuser.Statistics()).ActorRestarts.ShouldBe(1);
    }

    [Fact]
    public async Task A_spec_that_crashes_while_it_compiles_answers_who_waits()
    {
        using var gate = new Gate();
        var target = new GatedTarget(_ => gate.Pass());
        await using var fuser = new FuserSystem(Systems.Options(), target: target);
        var waiting = fuser.RunScaled(1);
        await gate.Reached();
        (await fuser.Spec(1))!.Actor.Tell(Kill.Instance);
        (await waiting.Guard()).Fallbacks.ShouldHaveSingleItem().Reason.ShouldContain("ended before");
        gate.Open();
        (await fuser.RunScaled(1)).Fallbacks.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cache_that_is_killed_loses_its_kernels_and_no_counter_and_functions_go_on()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        FuserValue[] inputs = [NdArray.From(Graphs.Data)];
        for (var i = 0; i < 4; i++)
        {
            (await function.RunAsync(inputs).Guard())[0].ToArray<float>().ShouldBe(Graphs.Scaled(1, Graphs.Data));
            function.WouldCompile(inputs).ShouldBeFalse();
            fuser.Cache.Tell(Kill.Instance);
            await ActorTestKit.Settle(fuser.Cache);
            function.WouldCompile(inputs).ShouldBeTrue();
            var statistics = await fuser.Statistics();
            (statistics.SpecsCreated, statistics.Specs, statistics.Kernels, statistics.CodeBytes, statistics.KernelsCompiled).ShouldBe((i + 1, 0, 0, 0, i + 1));
        }
    }

    [Fact]
    public async Task A_full_mailbox_of_the_cache_is_a_named_error_and_later_requests_work()
    {
        using var gate = new Gate { IsOn = false };
        var log = new GateLog(id =>
        {
            if (id == GateLog.EvictingSpec)
            {
                gate.Pass();
            }
        });
        await using var fuser = new FuserSystem(Systems.Options(options => (options.MailboxCapacity, options.MaxSpecs) = (2, 1)), loggers: log);
        await fuser.RunScaled(1);
        gate.IsOn = true;
        var running = Task.Run(() => fuser.RunScaled(2));
        await gate.Reached();
        var queued = Enumerable.Range(3, 3).Select(number => fuser.RunScaled(number)).ToArray();
        var refused = await Should.ThrowAsync<MailboxFullException>(queued[2].Guard());
        (refused.Code, refused.Actor.Name).ShouldBe((ErrorCodes.Overloaded, "kernel-cache"));
        gate.IsOn = false;
        gate.Open();
        await running.Guard();
        await Task.WhenAll(queued[..2]).Guard();
        await fuser.RunScaled(9).Guard();
    }

    [Fact]
    public async Task A_full_mailbox_of_a_spec_is_a_named_error_and_later_requests_work()
    {
        using var gate = new Gate();
        var log = new GateLog(id =>
        {
            if (id == GateLog.Compiling)
            {
                gate.Pass();
            }
        });
        await using var fuser = new FuserSystem(Systems.Options(options => options.MailboxCapacity = 2), loggers: log);
        var running = Task.Run(() => fuser.RunScaled(1));
        await gate.Reached();
        var queued = Enumerable.Range(0, 3).Select(_ => fuser.RunScaled(1)).ToArray();
        var refused = await Should.ThrowAsync<MailboxFullException>(queued[2].Guard());
        refused.Code.ShouldBe(ErrorCodes.Overloaded);
        gate.Open();
        await running.Guard();
        await Task.WhenAll(queued[..2]).Guard();
        await fuser.RunScaled(1).Guard();
        (await fuser.Statistics()).KernelsCompiled.ShouldBe(1);
    }

    [Fact]
    public async Task A_cache_that_does_not_answer_in_time_is_a_named_error()
    {
        using var gate = new Gate { IsOn = false };
        var time = new ManualTimeProvider();
        var log = new GateLog(id =>
        {
            if (id == GateLog.EvictingSpec)
            {
                gate.Pass();
            }
        });
        var fuser = new FuserSystem(Systems.Options(options => (options.AskTimeout, options.MaxSpecs) = (TimeSpan.FromSeconds(2), 1)), time, log);
        await fuser.RunScaled(1);
        gate.IsOn = true;
        var holding = Task.Run(() => fuser.RunScaled(2));
        await gate.Reached();
        gate.IsOn = false;
        var waiting = fuser.RunScaled(3);
        await time.AdvanceUntil(waiting);
        var error = await Should.ThrowAsync<AskTimeoutException>(waiting.Guard());
        (error.Actor.Name, error.MessageType).ShouldBe(("kernel-cache", "Register"));
        gate.Open();
        try
        {
            await holding.Guard();
        }
        catch (AskTimeoutException)
        {
            // its own wait may have run out too
        }

        await fuser.RunScaled(4).Guard();
        var end = fuser.DisposeAsync().AsTask();
        await time.AdvanceUntil(end);
        await end;
    }
}
