using Fuser.Actors.Core;
using Fuser.Actors.TestKit;

namespace Fuser.Actors.Tests.Core;

public sealed class TimerTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_single_timer_fires_once_at_its_time()
    {
        await using var kit = new ActorTestKit();
        (ActorRef actor, TestProbe probe) = await Started(kit, self => self.Timers.StartSingleTimer("k", "tick", Second));
        kit.Time.Advance(Second - TimeSpan.FromMilliseconds(1));
        await probe.ExpectNoMessage(actor);
        kit.Time.Advance(TimeSpan.FromMilliseconds(1));
        await probe.ExpectMessage("tick");
        kit.Time.Advance(Second * 5);
        await probe.ExpectNoMessage(actor);
        (await ActorTestKit.Guard(actor.Ask<bool>("active").AsTask())).ShouldBeFalse();
    }

    [Fact]
    public async Task A_periodic_timer_fires_again_and_again()
    {
        await using var kit = new ActorTestKit();
        (ActorRef actor, TestProbe probe) = await Started(kit, self => self.Timers.StartPeriodicTimer("k", "tick", Second * 2, Second));
        kit.Time.Advance(Second);
        await probe.ExpectNoMessage(actor);
        for (int i = 0; i < 5; i++)
        {
            kit.Time.Advance(Second);
            await probe.ExpectMessage("tick");
            await probe.ExpectNoMessage(actor);
        }
    }

    [Fact]
    public async Task Ticks_do_not_pile_up_behind_a_busy_actor()
    {
        await using var kit = new ActorTestKit();
        using var entered = new SemaphoreSlim(0);
        using var leave = new SemaphoreSlim(0);
        TestProbe probe = kit.CreateProbe();
        ActorRef actor = kit.System.ActorOf(Props.Create(() => new Scripted((_, m) =>
        {
            if (m is "block")
            {
                entered.Release();
                leave.Wait();
            }
            else
            {
                probe.Tell(m);
            }
        })
        { Start = self => self.Timers.StartPeriodicTimer("k", "tick", Second, Second) }).WithDispatcher(Dispatcher.Pinned));
        await ActorTestKit.Settle(actor);
        actor.Tell("block");
        await entered.WaitAsync(ActorTestKit.HangLimit);
        kit.Time.Advance(Second * 10);
        leave.Release();
        await probe.ExpectMessage("tick");
        await probe.ExpectNoMessage(actor);
    }

    [Fact]
    public async Task A_cancelled_timer_is_not_received_even_if_it_had_fired()
    {
        await using var kit = new ActorTestKit();
        using var entered = new SemaphoreSlim(0);
        using var leave = new SemaphoreSlim(0);
        TestProbe probe = kit.CreateProbe();
        ActorRef actor = kit.System.ActorOf(Props.Create(() => new Scripted((self, m) =>
        {
            if (m is "block")
            {
                entered.Release();
                leave.Wait();
                self.Timers.Cancel("k");
            }
            else
            {
                probe.Tell(m);
            }
        })
        { Start = self => self.Timers.StartSingleTimer("k", "tick", Second) }).WithDispatcher(Dispatcher.Pinned));
        await ActorTestKit.Settle(actor);
        actor.Tell("block");
        await entered.WaitAsync(ActorTestKit.HangLimit);
        kit.Time.Advance(Second);
        leave.Release();
        await probe.ExpectNoMessage(actor);
    }

    [Fact]
    public async Task A_key_names_one_timer_and_a_restart_cancels_all()
    {
        await using var kit = new ActorTestKit();
        bool first = true;
        (ActorRef actor, TestProbe probe) = await Started(kit, self =>
        {
            if (first)
            {
                self.Timers.StartSingleTimer("k", "replaced", Second);
                self.Timers.StartSingleTimer("k", "tick", Second);
                self.Timers.StartSingleTimer("other", "never", Second * 2);
            }

            first = false;
        });
        kit.Time.Advance(Second);
        await probe.ExpectMessage("tick");
        actor.Tell("fail");
        await ActorTestKit.Settle(actor);
        kit.Time.Advance(Second * 5);
        await probe.ExpectNoMessage(actor);
    }

    [Fact]
    public async Task The_receive_timeout_comes_after_a_quiet_time_and_each_further_one()
    {
        await using var kit = new ActorTestKit();
        (ActorRef actor, TestProbe probe) = await Started(kit, self => self.Context.SetReceiveTimeout(Second));
        kit.Time.Advance(Second / 2);
        actor.Tell("busy");
        await probe.ExpectMessage("busy");
        kit.Time.Advance(Second / 2);
        await probe.ExpectNoMessage(actor);
        await kit.Time.WhenTimerDueIn(Second / 2);
        kit.Time.Advance(Second / 2);
        await probe.ExpectMessage(ReceiveTimeout.Instance);
        await kit.Time.WhenTimerDueIn(Second);
        kit.Time.Advance(Second);
        await probe.ExpectMessage(ReceiveTimeout.Instance);
    }

    private static async Task<(ActorRef Actor, TestProbe Probe)> Started(ActorTestKit kit, Action<Scripted> start)
    {
        TestProbe probe = kit.CreateProbe();
        ActorRef actor = kit.System.ActorOf(Props.Create(() => new Scripted((self, m) =>
        {
            switch (m)
            {
                case "active":
                    self.Sender.Tell(self.Timers.IsTimerActive("k"));
                    break;
                case "fail":
                    throw new BoomException();
                default:
                    probe.Tell(m);
                    break;
            }
        })
        { Start = start }));
        await ActorTestKit.Settle(actor);
        return (actor, probe);
    }
}
