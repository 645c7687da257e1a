using Fuser.Actors.Core;
using Fuser.Actors.TestKit;

namespace Fuser.Actors.Tests.Core;

public sealed class DispatcherTests
{
    [Fact]
    public async Task A_pinned_actor_always_runs_on_one_thread_of_its_own_which_ends_with_it()
    {
        await using var kit = new ActorTestKit();
        Thread? thread = null;
        int others = 0;
        ActorRef actor = kit.System.ActorOf(
            Scripted.Props((self, m) =>
            {
                thread ??= Thread.CurrentThread;
                others += ReferenceEquals(thread, Thread.CurrentThread) ? 0 : 1;
                self.Sender.Tell(m);
            }).WithDispatcher(Dispatcher.Pinned),
            "device");
        for (int i = 0; i < 200; i++)
        {
            (await ActorTestKit.Guard(actor.Ask<int>(i).AsTask())).ShouldBe(i);
        }

        others.ShouldBe(0);
        thread!.IsThreadPoolThread.ShouldBeFalse();
        thread.Name.ShouldBe("/user/device");
        kit.System.Stop(actor);
        (await Task.Run(() => thread.Join(ActorTestKit.HangLimit))).ShouldBeTrue();
    }

    [Fact]
    public async Task An_idle_caller_run_actor_answers_on_the_callers_thread_before_Ask_returns()
    {
        await using var kit = new ActorTestKit();
        Thread? ran = null;
        ActorRef actor = await Warm(kit, Scripted.Props((self, m) =>
        {
            ran = Thread.CurrentThread;
            self.Sender.Tell(m);
        }));

        ValueTask<string> ask = actor.Ask<string>("q");

        ask.IsCompletedSuccessfully.ShouldBeTrue();
        (await ask).ShouldBe("q");
        ran.ShouldBe(Thread.CurrentThread);
    }

    [Fact]
    public async Task Nested_caller_runs_stop_at_the_depth_limit_and_go_on_in_the_pool()
    {
        await using var kit = new ActorTestKit();
        const int links = 10, limit = 3;
        var inlineRuns = new System.Collections.Concurrent.ConcurrentQueue<int>();
        Thread me = null!;
        TestProbe probe = kit.CreateProbe();
        ActorRef next = probe;
        for (int i = links; i >= 1; i--)
        {
            ActorRef target = next;
            int link = i;
            next = await Warm(
                kit,
                Scripted.Props((self, m) =>
                {
                    if (ReferenceEquals(Thread.CurrentThread, me))
                    {
                        inlineRuns.Enqueue(link);
                    }

                    target.Tell(m);
                }),
                limit);
        }

        me = Thread.CurrentThread;
        next.Tell("go");
        int[] ranHere = [.. inlineRuns];
        me = null!;

        ranHere.ShouldBe([1, 2, 3]);
        await probe.ExpectMessage("go");
    }

    [Fact]
    public async Task A_running_actor_is_not_entered_again()
    {
        await using var kit = new ActorTestKit();
        var order = new List<string>();
        ActorRef pong = null!;
        ActorRef ping = await Warm(kit, Scripted.Props((self, m) =>
        {
            order.Add($"ping begins {m}");
            if (m is "first")
            {
                pong.Tell("from ping");
            }

            order.Add($"ping ends {m}");
        }));
        pong = await Warm(kit, Scripted.Props((self, m) =>
        {
            ping.Tell("second");
            order.Add("pong done");
        }));
        order.Clear();

        ping.Tell("first");

        order.ShouldBe(["ping begins first", "pong done", "ping ends first", "ping begins second", "ping ends second"]);
    }

    [Fact]
    public async Task A_failure_on_the_callers_thread_stays_with_the_actor()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = await Warm(kit, Scripted.Props((self, m) => self.Sender.Tell(m is "bad" ? throw new BoomException() : m)));
        actor.Tell("bad");
        (await ActorTestKit.Guard(actor.Ask<string>("good").AsTask())).ShouldBe("good");
    }

    [Fact]
    public async Task A_caller_does_not_work_off_what_others_keep_sending()
    {
        await using var kit = new ActorTestKit();
        int mine = 0, total = 0;
        Thread me = null!;
        ActorRef actor = await Warm(kit, Scripted.Props((self, m) =>
        {
            total++;
            mine += ReferenceEquals(me, Thread.CurrentThread) ? 1 : 0;
            if (m is int n && n > 0)
            {
                self.Self.Tell(n - 1);
            }
        }));
        (mine, total) = (0, 0);
        me = Thread.CurrentThread;
        actor.Tell(100);
        int ranHere = mine;
        me = null!;
        ranHere.ShouldBe(8);
        while (kit.System.Statistics.Messages < 101)
        {
            await ActorTestKit.Settle(actor);
        }

        await ActorTestKit.Settle(actor);
        total.ShouldBe(101);
    }

    // The first turn, which creates the actor, always runs in the pool.
    private static async Task<ActorRef> Warm(ActorTestKit kit, Props props, int maxDepth = 8)
    {
        ActorRef actor = kit.System.ActorOf(props.WithDispatcher(Dispatcher.CallerWhenIdle(maxDepth)));
        await ActorTestKit.Settle(actor);
        while (actor.MailboxLength > 0 || !actor.Cell.IsIdle)
        {
            await Task.Yield();
        }

        return actor;
    }
}
