using System.Collections.Concurrent;
using Fuser.Actors.Core;
using Fuser.Actors.TestKit;

namespace Fuser.Actors.Tests.Core;

public sealed class ShutdownTests
{
    private static readonly ActorSystemOptions Options = new() { DrainTimeout = TimeSpan.FromSeconds(3), StopTimeout = TimeSpan.FromSeconds(2) };

    [Fact]
    public async Task Open_Asks_are_answered_before_the_actors_stop()
    {
        await using var kit = new ActorTestKit(Options);
        TestProbe probe = kit.CreateProbe();
        Task<string> ask = probe.Ask<string>("work", TimeSpan.FromHours(1)).AsTask();
        await probe.ExpectMessage("work");

        Task disposal = kit.System.DisposeAsync().AsTask();
        kit.Time.Advance(Options.DrainTimeout - TimeSpan.FromMilliseconds(1));
        disposal.IsCompleted.ShouldBeFalse();
        probe.Reply("done");

        (await ActorTestKit.Guard(ask)).ShouldBe("done");
        await ActorTestKit.Guard(disposal);
        kit.System.WhenTerminated.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public async Task After_the_drain_deadline_open_Asks_fail_with_the_actors_name()
    {
        await using var kit = new ActorTestKit(Options);
        TestProbe probe = kit.CreateProbe("silent");
        Task<string> ask = probe.Ask<string>("work", TimeSpan.FromHours(1)).AsTask();
        await probe.ExpectMessage("work");

        Task disposal = kit.System.DisposeAsync().AsTask();
        kit.Time.Advance(Options.DrainTimeout);

        (await Should.ThrowAsync<ActorStoppedException>(() => ActorTestKit.Guard(ask))).Actor.Name.ShouldBe("silent");
        await ActorTestKit.Guard(disposal);
    }

    [Fact]
    public async Task An_actor_that_hangs_does_not_hold_up_the_end_and_its_Asks_fail()
    {
        var kit = new ActorTestKit(Options);
        using var entered = new SemaphoreSlim(0);
        using var leave = new SemaphoreSlim(0);
        var ended = new ConcurrentQueue<string>();
        Props hang = Props.Create(() => new Scripted((_, _) =>
        {
            entered.Release();
            leave.Wait();
        })
        { End = _ => ended.Enqueue("child") }).WithDispatcher(Dispatcher.Pinned);
        ActorRef child = null!;
        ActorRef parent = kit.System.ActorOf(Props.Create(() => new Scripted((_, _) => { })
        {
            Start = self => child = self.Context.ActorOf(hang, "stuck"),
            End = _ => ended.Enqueue("parent"),
        }));
        await ActorTestKit.Settle(parent);
        Task<string> running = child.Ask<string>("now", TimeSpan.FromHours(1)).AsTask();
        await entered.WaitAsync(ActorTestKit.HangLimit);
        Task<string> queued = child.Ask<string>("next", TimeSpan.FromHours(1)).AsTask();

        await kit.DisposeAsync();

        foreach (Task<string> ask in new[] { running, queued })
        {
            (await Should.ThrowAsync<ActorStoppedException>(() => ActorTestKit.Guard(ask))).Actor.Name.ShouldBe("stuck");
        }

        await Should.ThrowAsync<ActorStoppedException>(() => ActorTestKit.Guard(child.Ask<string>("late").AsTask()));
        await ActorTestKit.Guard(kit.System.WhenTerminated);
        ended.ShouldContain("parent");
        leave.Release(2);
    }

    [Fact]
    public async Task Phases_run_in_order_and_a_task_that_fails_or_hangs_is_left_behind()
    {
        await using var kit = new ActorTestKit(Options);
        var log = new ConcurrentQueue<string>();
        kit.System.ActorOf(Props.Create(() => new Scripted((_, _) => { }) { End = _ => log.Enqueue("actor") }));
        kit.System.Shutdown.AddTask(ShutdownPhase.Release, "release", _ =>
        {
            log.Enqueue("release");
            return Task.CompletedTask;
        });
        kit.System.Shutdown.AddTask(ShutdownPhase.StopAccepting, "fails", _ =>
        {
            log.Enqueue("stop accepting");
            throw new BoomException();
        });
        kit.System.Shutdown.AddTask(ShutdownPhase.Drain, "hangs", _ =>
        {
            log.Enqueue("drain");
            return new TaskCompletionSource().Task;
        });

        // The clock moves once, past the drain's deadline: the actor's end has all the time it needs.
        Task disposal = kit.System.DisposeAsync().AsTask();
        kit.Time.Advance(Options.DrainTimeout);
        await ActorTestKit.Guard(disposal);

        log.ShouldBe(["stop accepting", "drain", "actor", "release"]);
        kit.Log.Entries.ShouldContain(e => e.Text.Contains("fails", StringComparison.Ordinal) && e.Exception is BoomException);
        kit.Log.Entries.ShouldContain(e => e.Text.Contains("hangs", StringComparison.Ordinal) && e.Exception is OperationCanceledException);
        Should.Throw<InvalidOperationException>(() => kit.System.Shutdown.AddTask(ShutdownPhase.Drain, "late", _ => Task.CompletedTask)).Message.ShouldContain("'late'");
    }

    [Fact]
    public async Task Disposing_twice_is_one_shutdown_and_afterwards_everything_fails_fast()
    {
        await using var kit = new ActorTestKit(Options);
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) => self.Sender.Tell(m)));
        await ActorTestKit.Settle(actor);
        await ActorTestKit.Guard(Task.WhenAll(kit.System.DisposeAsync().AsTask(), kit.System.DisposeAsync().AsTask()));
        await Should.ThrowAsync<ActorStoppedException>(() => ActorTestKit.Guard(actor.Ask<string>("q").AsTask()));
        Should.Throw<ActorStoppedException>(() => kit.System.ActorOf(Scripted.Props((_, _) => { })));
        kit.System.Statistics.Actors.ShouldBeLessThanOrEqualTo(0);
    }

    [Fact]
    public void Settings_out_of_range_are_refused_at_the_start()
    {
        Should.Throw<ArgumentException>(() => new ActorSystem("s", Options with { AskTimeout = Timeout.InfiniteTimeSpan }));
        Should.Throw<ArgumentException>(() => new ActorSystem("s", Options with { DrainTimeout = TimeSpan.Zero })).Message.ShouldContain("DrainTimeout");
        Should.Throw<ArgumentException>(() => new ActorSystem("s", Options with { StopTimeout = TimeSpan.Zero })).Message.ShouldContain("StopTimeout");
        Should.Throw<ArgumentException>(() => new ActorSystem("no/name"));
    }
}
