using System.Collections.Concurrent;
using Fuser.Actors.Core;
using Fuser.Actors.TestKit;

namespace Fuser.Actors.Tests.Core;

public sealed class LifecycleTests
{
    [Fact]
    public async Task Hooks_run_in_their_order_around_a_restart_and_a_stop()
    {
        await using var kit = new ActorTestKit();
        var log = new ConcurrentQueue<string>();
        int instances = 0;
        ActorRef actor = kit.System.ActorOf(Props.Create(() =>
        {
            int me = ++instances;
            return new Scripted((_, m) => log.Enqueue(m is "bad" ? throw new BoomException() : $"{me} {m}"))
            {
                Start = _ => log.Enqueue($"{me} start"),
                End = _ => log.Enqueue($"{me} stop"),
                BeforeRestart = (_, cause, message) => log.Enqueue($"{me} before restart for {cause.Message} on {message}"),
                AfterRestart = (_, cause) => log.Enqueue($"{me} after restart for {cause.Message}"),
            };
        }));
        TestProbe probe = kit.CreateProbe();
        probe.Watch(actor);

        actor.Tell("a");
        actor.Tell("bad");
        actor.Tell("b");
        actor.Tell(PoisonPill.Instance);
        actor.Tell("too late");

        await probe.ExpectTerminated(actor);
        log.ShouldBe(["1 start", "1 a", "1 before restart for boom on bad", "1 stop", "2 after restart for boom", "2 start", "2 b", "2 stop"]);
        kit.System.DeadLetters.Dead.ShouldBe(1);
    }

    [Fact]
    public async Task A_parent_stops_after_its_children()
    {
        await using var kit = new ActorTestKit();
        var log = new ConcurrentQueue<string>();
        Props child = Props.Create(() => new Scripted((_, _) => { }) { End = self => log.Enqueue(self.Self.Path.Name) });
        ActorRef parent = kit.System.ActorOf(Props.Create(() => new Scripted((_, _) => { })
        {
            Start = self =>
            {
                self.Context.ActorOf(child, "one");
                self.Context.ActorOf(child, "two");
            },
            End = _ => log.Enqueue("parent"),
        }));
        TestProbe probe = kit.CreateProbe();
        probe.Watch(parent);
        kit.System.Stop(parent);
        await probe.ExpectTerminated(parent);
        log.Order().ShouldBe(["one", "parent", "two"]);
        log.Last().ShouldBe("parent");
    }

    [Fact]
    public async Task Children_that_a_restart_keeps_are_restarted_too()
    {
        await using var kit = new ActorTestKit();
        var started = new ConcurrentQueue<string>();
        ActorRef parent = kit.System.ActorOf(Props.Create(() => new Keeper(started)));
        parent.Tell("make");
        await ActorTestKit.Settle(parent);
        parent.Tell("fail");
        await ActorTestKit.Settle(parent);
        await ActorTestKit.Settle(kit.System.Guardian);
        (await ActorTestKit.Guard(parent.Ask<string>("child").AsTask())).ShouldBe("alive");
        started.ShouldBe(["first", "again"]);
    }

    [Fact]
    public async Task A_hook_that_throws_while_stopping_is_logged_and_the_actor_stops()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Props.Create(() => new Scripted((_, _) => { }) { End = _ => throw new BoomException() }));
        TestProbe probe = kit.CreateProbe();
        probe.Watch(actor);
        kit.System.Stop(actor);
        await probe.ExpectTerminated(actor);
        kit.Log.Entries.ShouldContain(e => e.Text.StartsWith("PostStop", StringComparison.Ordinal) && e.Exception is BoomException);
    }

    [Fact]
    public async Task An_actor_can_stop_itself_and_its_children_but_no_stranger()
    {
        await using var kit = new ActorTestKit();
        TestProbe stranger = kit.CreateProbe();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) => self.Context.Stop(m as ActorRef ?? self.Self)));
        TestProbe probe = kit.CreateProbe();
        probe.Watch(actor);
        var failed = await Should.ThrowAsync<ActorFailedException>(() => ActorTestKit.Guard(actor.Ask<string>(stranger).AsTask()));
        failed.Message.ShouldContain("PoisonPill");
        actor.Tell("yourself");
        await probe.ExpectTerminated(actor);
    }

    private sealed class Keeper(ConcurrentQueue<string> started) : Actor
    {
        protected override void Receive(object message)
        {
            switch (message)
            {
                case "make":
                    Context.ActorOf(
                        Props.Create(() => new Scripted((self, _) => self.Sender.Tell("alive"))
                        {
                            Start = _ => started.Enqueue(started.IsEmpty ? "first" : "again"),
                        }),
                        "kept");
                    break;
                case "child":
                    Context.Child("kept")!.Forward(message);
                    break;
                default:
                    throw new BoomException();
            }
        }

        protected override void PreRestart(Exception cause, object? message) => PostStop();
    }
}
