using Fuser.Actors.Core;
using Fuser.Actors.TestKit;

namespace Fuser.Actors.Tests.Core;

public sealed class RouterTests
{
    private static Props Worker() => Scripted.Props((self, m) => self.Sender.Tell(m is "bad" ? throw new BoomException() : self.Self.Path.Name));

    [Fact]
    public async Task Round_robin_shares_evenly()
    {
        await using var kit = new ActorTestKit();
        ActorRef pool = kit.System.ActorOf(Worker().WithRouter(new RoundRobinPool(4)), "pool");
        await ActorTestKit.Settle(pool);
        var counts = new Dictionary<string, int>();
        for (int i = 0; i < 40; i++)
        {
            string name = await ActorTestKit.Guard(pool.Ask<string>("who").AsTask());
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }

        counts.Count.ShouldBe(4);
        counts.Values.ShouldAllBe(n => n == 10);
    }

    [Fact]
    public async Task A_crash_of_one_worker_fails_only_its_own_Ask()
    {
        await using var kit = new ActorTestKit();
        ActorRef pool = kit.System.ActorOf(Worker().WithRouter(new RoundRobinPool(2)), "pool");
        Task<string>[] asks = [.. Enumerable.Range(0, 20).Select(i => pool.Ask<string>(i == 7 ? "bad" : "who").AsTask())];
        for (int i = 0; i < asks.Length; i++)
        {
            if (i == 7)
            {
                (await Should.ThrowAsync<ActorFailedException>(() => ActorTestKit.Guard(asks[7]))).Actor.ToString().ShouldStartWith("/user/pool/");
            }
            else
            {
                await ActorTestKit.Guard(asks[i]);
            }
        }
    }

    [Fact]
    public async Task The_smallest_mailbox_is_preferred_so_a_blocked_worker_gets_nothing_more()
    {
        await using var kit = new ActorTestKit();
        using var entered = new SemaphoreSlim(0);
        using var leave = new SemaphoreSlim(0);
        ActorRef pool = kit.System.ActorOf(Scripted.Props((self, m) =>
        {
            if (m is "block")
            {
                entered.Release();
                leave.Wait();
            }

            self.Sender.Tell(self.Self.Path.Name);
        }).WithDispatcher(Dispatcher.Pinned).WithRouter(new SmallestMailboxPool(2)));
        await ActorTestKit.Settle(pool);
        Task<string> blocked = pool.Ask<string>("block").AsTask();
        await entered.WaitAsync(ActorTestKit.HangLimit);
        var others = new HashSet<string>();
        for (int i = 0; i < 10; i++)
        {
            others.Add(await ActorTestKit.Guard(pool.Ask<string>("who").AsTask()));
        }

        leave.Release();
        others.ShouldHaveSingleItem().ShouldNotBe(await ActorTestKit.Guard(blocked));
    }

    [Fact]
    public async Task Stopping_the_pool_stops_its_workers_and_fails_what_waits()
    {
        await using var kit = new ActorTestKit();
        using var entered = new SemaphoreSlim(0);
        using var leave = new SemaphoreSlim(0);
        ActorRef pool = kit.System.ActorOf(Scripted.Props((_, _) =>
        {
            entered.Release();
            leave.Wait();
        }).WithDispatcher(Dispatcher.Pinned).WithRouter(new RoundRobinPool(2)));
        TestProbe probe = kit.CreateProbe();
        probe.Watch(pool);
        await ActorTestKit.Settle(pool);
        Task<string>[] asks = [.. Enumerable.Range(0, 6).Select(_ => pool.Ask<string>("work").AsTask())];
        await entered.WaitAsync(ActorTestKit.HangLimit);
        await entered.WaitAsync(ActorTestKit.HangLimit);
        kit.System.Stop(pool);
        leave.Release(6);
        await probe.ExpectTerminated(pool);
        foreach (Task<string> ask in asks)
        {
            await Should.ThrowAsync<ActorStoppedException>(() => ActorTestKit.Guard(ask));
        }

        await Should.ThrowAsync<ActorStoppedException>(() => ActorTestKit.Guard(pool.Ask<string>("late").AsTask()));
    }

    [Fact]
    public async Task A_pool_whose_workers_all_stop_stops_too()
    {
        await using var kit = new ActorTestKit();
        ActorRef pool = kit.System.ActorOf(Worker().WithRouter(new RoundRobinPool(3, SupervisorStrategy.Stopping)));
        TestProbe probe = kit.CreateProbe();
        probe.Watch(pool);
        await ActorTestKit.Settle(pool);
        for (int i = 0; i < 3; i++)
        {
            pool.Tell("bad");
        }

        await probe.ExpectTerminated(pool);
    }
}
