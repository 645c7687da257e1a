using Fuser.Actors.Core;
using Fuser.Actors.TestKit;
using Microsoft.Extensions.Logging;

namespace Fuser.Actors.Tests.Core;

public sealed class SupervisionTests
{
    private static Props Counter(Action? created = null) => Props.Create(() =>
    {
        created?.Invoke();
        int count = 0;
        return new Scripted((self, m) =>
        {
            switch (m)
            {
                case "count":
                    self.Sender.Tell(++count);
                    break;
                case Exception cause:
                    throw cause;
            }
        });
    });

    private static SupervisorStrategy Always(Directive directive) => new() { Decider = _ => directive };

    private static async Task<ActorRef> Child(ActorRef parent, Props props, string name = "child") =>
        await ActorTestKit.Guard(parent.Ask<ActorRef>((props, name)).AsTask());

    private static Task<int> Count(ActorRef actor) => ActorTestKit.Guard(actor.Ask<int>("count").AsTask());

    [Fact]
    public async Task Resume_keeps_the_state()
    {
        await using var kit = new ActorTestKit();
        ActorRef child = await Child(kit.System.ActorOf(Scripted.Parent(Always(Directive.Resume))), Counter());
        await Count(child);
        child.Tell(new BoomException());
        (await Count(child)).ShouldBe(2);
        kit.System.Statistics.Restarts.ShouldBe(0);
    }

    [Fact]
    public async Task Restart_makes_a_fresh_instance_behind_the_same_reference_and_keeps_the_mailbox()
    {
        await using var kit = new ActorTestKit();
        int created = 0;
        ActorRef child = await Child(kit.System.ActorOf(Scripted.Parent(Always(Directive.Restart))), Counter(() => created++));
        await Count(child);
        child.Tell(new BoomException());
        Task<int> first = Count(child), second = Count(child);

        (await first).ShouldBe(1);
        (await second).ShouldBe(2);
        created.ShouldBe(2);
        kit.System.Statistics.Restarts.ShouldBe(1);
        kit.Log.Entries.ShouldContain(e => e.Level == LogLevel.Warning && e.Text.Contains("child failed: Restart", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stop_stops_the_child_only()
    {
        await using var kit = new ActorTestKit();
        ActorRef parent = kit.System.ActorOf(Scripted.Parent(Always(Directive.Stop)));
        ActorRef child = await Child(parent, Counter(), "bad");
        ActorRef sibling = await Child(parent, Counter(), "good");
        TestProbe probe = kit.CreateProbe();
        probe.Watch(child);

        child.Tell(new BoomException("fatal"));

        await probe.ExpectTerminated(child);
        (await Count(sibling)).ShouldBe(1);
        (await Should.ThrowAsync<ActorStoppedException>(() => Count(child))).Message.ShouldContain("fatal");
    }

    [Fact]
    public async Task Escalate_fails_the_parent_which_restarts_without_its_children()
    {
        await using var kit = new ActorTestKit();
        ActorRef top = kit.System.ActorOf(Scripted.Parent(Always(Directive.Restart)));
        ActorRef middle = await Child(top, Scripted.Parent(Always(Directive.Escalate)), "middle");
        ActorRef leaf = await Child(middle, Counter(), "leaf");
        TestProbe probe = kit.CreateProbe();
        probe.Watch(leaf);

        leaf.Tell(new BoomException());

        await probe.ExpectTerminated(leaf);
        (await Count(await Child(middle, Counter(), "leaf"))).ShouldBe(1);
        kit.System.Statistics.Restarts.ShouldBe(1);
    }

    [Fact]
    public async Task Escalate_to_a_parent_that_resumes_resumes_the_child_too()
    {
        await using var kit = new ActorTestKit();
        ActorRef top = kit.System.ActorOf(Scripted.Parent(Always(Directive.Resume)));
        ActorRef middle = await Child(top, Scripted.Parent(Always(Directive.Escalate)), "middle");
        ActorRef leaf = await Child(middle, Counter(), "leaf");
        await Count(leaf);
        leaf.Tell(new BoomException());
        (await Count(leaf)).ShouldBe(2);
    }

    [Fact]
    public async Task A_failure_escalated_past_the_top_ends_the_system_and_says_why()
    {
        await using var kit = new ActorTestKit(new ActorSystemOptions { GuardianStrategy = Always(Directive.Escalate) });
        TestProbe other = kit.CreateProbe();
        Task<string> waiting = other.Ask<string>("never answered").AsTask();
        await other.ExpectMessage("never answered");
        ActorRef actor = kit.System.ActorOf(Counter());
        actor.Tell(new BoomException("the end"));

        await kit.AdvanceUntil(kit.System.WhenTerminated, TimeSpan.FromSeconds(1));

        kit.System.TerminationCause.ShouldBeOfType<BoomException>();
        await Should.ThrowAsync<Exception>(() => ActorTestKit.Guard(waiting));
        Should.Throw<ActorStoppedException>(() => kit.System.ActorOf(Counter()));
        kit.Log.Entries.ShouldContain(e => e.Level == LogLevel.Critical);
    }

    [Fact]
    public async Task Restarts_wait_twice_as_long_each_time_up_to_the_maximum()
    {
        await using var kit = new ActorTestKit();
        var strategy = SupervisorStrategy.Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));
        ActorRef child = await Child(kit.System.ActorOf(Scripted.Parent(strategy)), Counter());
        foreach (int pause in new[] { 1, 2, 3, 3 })
        {
            child.Tell(new BoomException());
            await ActorTestKit.Guard(kit.Time.WhenTimerDueIn(TimeSpan.FromSeconds(pause)));
            Task<int> count = child.Ask<int>("count", TimeSpan.FromHours(1)).AsTask();
            kit.Time.Advance(TimeSpan.FromSeconds(pause) - TimeSpan.FromMilliseconds(1));
            await ActorTestKit.Settle(kit.System.Guardian);
            count.IsCompleted.ShouldBeFalse();
            kit.Time.Advance(TimeSpan.FromMilliseconds(1));
            (await ActorTestKit.Guard(count)).ShouldBe(1);
        }
    }

    [Fact]
    public async Task An_Ask_that_times_out_during_the_pause_says_so()
    {
        await using var kit = new ActorTestKit();
        var strategy = SupervisorStrategy.Backoff(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));
        ActorRef child = await Child(kit.System.ActorOf(Scripted.Parent(strategy)), Counter());
        child.Tell(new BoomException());
        await ActorTestKit.Guard(kit.Time.WhenTimerDueIn(TimeSpan.FromSeconds(10)));
        Task<int> count = child.Ask<int>("count", TimeSpan.FromSeconds(2)).AsTask();
        kit.Time.Advance(TimeSpan.FromSeconds(2));
        (await Should.ThrowAsync<AskTimeoutException>(() => ActorTestKit.Guard(count))).Message.ShouldContain("failed and waiting for its restart for 2.0 s");
    }

    [Fact]
    public async Task Too_many_restarts_in_the_window_stop_the_child_and_a_new_window_forgives()
    {
        await using var kit = new ActorTestKit();
        var strategy = Always(Directive.Restart) with { MaxRetries = 2, Window = TimeSpan.FromMinutes(1) };
        ActorRef child = await Child(kit.System.ActorOf(Scripted.Parent(strategy)), Counter());
        TestProbe probe = kit.CreateProbe();
        probe.Watch(child);
        for (int window = 0; window < 3; window++)
        {
            child.Tell(new BoomException());
            child.Tell(new BoomException());
            (await Count(child)).ShouldBe(1);
            kit.Time.Advance(TimeSpan.FromMinutes(2));
        }

        await probe.ExpectNoMessage();
        for (int i = 0; i < 3; i++)
        {
            child.Tell(new BoomException());
        }

        await probe.ExpectTerminated(child);
    }

    [Fact]
    public async Task An_actor_that_cannot_start_is_stopped_and_its_Asks_say_why()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Props.Create(() => throw new BoomException("no device")), "device");
        var stopped = await Should.ThrowAsync<ActorStoppedException>(() => ActorTestKit.Guard(actor.Ask<int>("count").AsTask()));
        stopped.InnerException.ShouldBeOfType<ActorInitializationException>().InnerException.ShouldBeOfType<BoomException>();
        stopped.Message.ShouldContain("no device");
    }

    [Fact]
    public async Task A_start_that_fails_is_tried_again_by_a_back_off_strategy()
    {
        await using var kit = new ActorTestKit();
        int attempts = 0;
        var strategy = SupervisorStrategy.Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        ActorRef child = await Child(kit.System.ActorOf(Scripted.Parent(strategy)), Counter(() =>
        {
            if (++attempts < 3)
            {
                throw new BoomException();
            }
        }));
        Task<int> count = child.Ask<int>("count", TimeSpan.FromHours(1)).AsTask();
        for (int i = 0; i < 2; i++)
        {
            await ActorTestKit.Guard(kit.Time.WhenTimerDueIn(TimeSpan.FromSeconds(1)));
            kit.Time.Advance(TimeSpan.FromSeconds(1));
        }

        (await ActorTestKit.Guard(count)).ShouldBe(1);
        attempts.ShouldBe(3);
    }

    [Fact]
    public async Task Kill_fails_the_actor_and_the_default_stops_it()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Counter());
        TestProbe probe = kit.CreateProbe();
        probe.Watch(actor);
        actor.Tell(Kill.Instance);
        await probe.ExpectTerminated(actor);
    }

    [Fact]
    public async Task A_decider_that_throws_fails_the_supervisor()
    {
        await using var kit = new ActorTestKit();
        var strategy = new SupervisorStrategy { Decider = _ => throw new InvalidOperationException("undecided") };
        ActorRef parent = kit.System.ActorOf(Scripted.Parent(strategy));
        ActorRef child = await Child(parent, Counter());
        TestProbe probe = kit.CreateProbe();
        probe.Watch(child);
        child.Tell(new BoomException());
        await probe.ExpectTerminated(child);
        (await Count(await Child(parent, Counter()))).ShouldBe(1);
    }

    [Fact]
    public async Task A_factory_that_returns_an_old_instance_is_refused()
    {
        await using var kit = new ActorTestKit();
        Actor? only = null;
        ActorRef actor = kit.System.ActorOf(Props.Create(() => only ??= new Scripted((_, m) => throw (Exception)m)));
        TestProbe probe = kit.CreateProbe();
        probe.Watch(actor);
        actor.Tell(new BoomException());
        await probe.ExpectTerminated(actor);
    }
}
