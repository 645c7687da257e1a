using Fuser.Actors.Core;
using Fuser.Actors.TestKit;

namespace Fuser.Actors.Tests.Core;

public sealed class DeathWatchTests
{
    private static readonly Props Idle = Scripted.Props((_, _) => { });

    [Fact]
    public async Task A_watcher_is_told_once()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Idle);
        TestProbe probe = kit.CreateProbe();
        probe.Watch(actor);
        probe.Watch(actor);
        kit.System.Stop(actor);
        await probe.ExpectTerminated(actor);
        await probe.ExpectNoMessage(kit.System.Guardian);
    }

    [Fact]
    public async Task Watching_a_dead_actor_tells_at_once()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Idle);
        TestProbe first = kit.CreateProbe(), second = kit.CreateProbe();
        first.Watch(actor);
        kit.System.Stop(actor);
        await first.ExpectTerminated(actor);
        second.Watch(actor);
        await second.ExpectTerminated(actor);
    }

    [Fact]
    public async Task Messages_sent_before_the_end_come_before_the_notice()
    {
        await using var kit = new ActorTestKit();
        TestProbe probe = kit.CreateProbe();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) =>
        {
            probe.Tell("last words");
            self.Context.Stop(self.Self);
        }));
        probe.Watch(actor);
        actor.Tell("go");
        await probe.ExpectMessage("last words");
        await probe.ExpectTerminated(actor);
    }

    [Fact]
    public async Task Unwatch_drops_a_notice_that_already_waits_in_the_mailbox()
    {
        await using var kit = new ActorTestKit();
        using var entered = new SemaphoreSlim(0);
        using var leave = new SemaphoreSlim(0);
        TestProbe told = kit.CreateProbe(), other = kit.CreateProbe();
        ActorRef actor = kit.System.ActorOf(Idle);
        ActorRef watcher = kit.System.ActorOf(Scripted.Props((self, m) =>
        {
            switch (m)
            {
                case "watch":
                    self.Context.Watch(actor);
                    break;
                case "block":
                    entered.Release();
                    leave.Wait();
                    break;
                case "unwatch":
                    self.Context.Unwatch(actor);
                    break;
                default:
                    told.Tell("told");
                    break;
            }
        }).WithDispatcher(Dispatcher.Pinned));
        watcher.Tell("watch");
        await ActorTestKit.Settle(watcher);
        other.Watch(actor);
        watcher.Tell("block");
        await entered.WaitAsync(ActorTestKit.HangLimit);
        watcher.Tell("unwatch");
        kit.System.Stop(actor);
        await other.ExpectTerminated(actor);
        leave.Release();
        await told.ExpectNoMessage(watcher);
    }

    [Fact]
    public async Task A_restart_is_no_death()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((_, m) => throw new BoomException()));
        TestProbe probe = kit.CreateProbe();
        probe.Watch(actor);
        actor.Tell("fail");
        await probe.ExpectNoMessage(actor);
        kit.System.Statistics.Restarts.ShouldBe(1);
    }

    [Fact]
    public async Task A_notice_nobody_handles_is_a_death_pact()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Idle);
        ActorRef partner = kit.System.ActorOf(Props.Create(() => new Scripted((self, m) => self.Unhandled(m)) { Start = self => self.Context.Watch(actor) }));
        TestProbe probe = kit.CreateProbe();
        probe.Watch(partner);
        await ActorTestKit.Settle(partner);
        kit.System.Stop(actor);
        await probe.ExpectTerminated(partner);
    }

    [Fact]
    public async Task A_stashed_notice_is_received_later()
    {
        await using var kit = new ActorTestKit();
        TestProbe probe = kit.CreateProbe();
        ActorRef actor = kit.System.ActorOf(Idle, "mortal");
        bool ready = false;
        ActorRef watcher = kit.System.ActorOf(Props.Create(() => new Scripted((self, m) =>
        {
            if (m is "ready")
            {
                ready = true;
                self.Stash.UnstashAll();
            }
            else if (!ready)
            {
                self.Stash.Stash();
                probe.Tell("stashed");
            }
            else
            {
                // The notice itself would be dropped by the probe, which does not watch the actor.
                probe.Tell($"told of {((Terminated)m).Actor.Path.Name}");
            }
        })
        { Start = self => self.Context.Watch(actor) }));
        await ActorTestKit.Settle(watcher);
        kit.System.Stop(actor);
        await probe.ExpectMessage("stashed");
        watcher.Tell("ready");
        await probe.ExpectMessage("told of mortal");
    }
}
