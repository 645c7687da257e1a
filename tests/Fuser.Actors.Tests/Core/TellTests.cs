using Fuser.Actors.Core;
using Fuser.Actors.TestKit;

namespace Fuser.Actors.Tests.Core;

public sealed class TellTests
{
    [Fact]
    public async Task Messages_of_one_sender_arrive_in_the_order_they_were_sent()
    {
        await using var kit = new ActorTestKit();
        const int senders = 4, each = 5_000;
        var seen = new int[senders];
        bool outOfOrder = false;
        ActorRef actor = kit.System.ActorOf(Scripted.Props((_, m) =>
        {
            (int sender, int number) = ((int, int))m;
            outOfOrder |= seen[sender]++ != number;
        }));

        await ActorTestKit.Guard(Task.WhenAll(Enumerable.Range(0, senders).Select(s => Task.Run(() =>
        {
            for (int i = 0; i < each; i++)
            {
                actor.Tell((s, i));
            }
        }))));
        await ActorTestKit.Settle(actor);

        outOfOrder.ShouldBeFalse();
        seen.ShouldAllBe(n => n == each);
    }

    [Fact]
    public async Task An_actor_is_never_entered_by_two_threads()
    {
        await using var kit = new ActorTestKit();
        int inside = 0, overlaps = 0, plain = 0;
        ActorRef actor = kit.System.ActorOf(Scripted.Props((_, _) =>
        {
            overlaps += Interlocked.Increment(ref inside) - 1;
            plain++;
            Interlocked.Decrement(ref inside);
        }).WithDispatcher(Dispatcher.ThreadPool(1)));

        await ActorTestKit.Guard(Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 2_000; i++)
            {
                actor.Tell("go");
            }
        }))));
        await ActorTestKit.Settle(actor);

        overlaps.ShouldBe(0);
        plain.ShouldBe(16_000);
    }

    [Fact]
    public async Task The_running_actor_is_the_sender_unless_another_is_named()
    {
        await using var kit = new ActorTestKit();
        TestProbe probe = kit.CreateProbe();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) => probe.Tell(m)), "teller");

        actor.Tell("hello");
        await probe.ExpectMessage("hello");
        probe.LastSender.Actor.ShouldBe(actor);

        probe.Tell("from outside");
        await probe.ExpectMessage("from outside");
        probe.LastSender.IsNobody.ShouldBeTrue();

        probe.Tell("on behalf", actor);
        await probe.ExpectMessage("on behalf");
        probe.LastSender.ShouldBe((ReplyTo)actor);
    }

    [Fact]
    public async Task A_forwarded_message_keeps_its_sender()
    {
        await using var kit = new ActorTestKit();
        TestProbe probe = kit.CreateProbe();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) => probe.Forward(m)));
        TestProbe origin = kit.CreateProbe();

        actor.Tell("mail", origin);

        await probe.ExpectMessage("mail");
        probe.LastSender.Actor.ShouldBe(origin);
    }

    [Fact]
    public void Forward_outside_a_turn_is_refused()
    {
        using var system = new Disposable(new ActorSystem("s"));
        ActorRef actor = system.System.ActorOf(Scripted.Props((_, _) => { }));
        Should.Throw<InvalidOperationException>(() => actor.Forward("m")).Message.ShouldContain("Forward");
    }

    [Fact]
    public async Task Become_changes_the_handler_until_unbecome()
    {
        await using var kit = new ActorTestKit();
        TestProbe probe = kit.CreateProbe();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) =>
        {
            probe.Tell($"first {m}");
            self.Context.Become(n =>
            {
                probe.Tell($"second {n}");
                self.Context.Unbecome();
            });
        }));

        foreach (int i in new[] { 1, 2, 3 })
        {
            actor.Tell(i);
        }

        await probe.ExpectMessage("first 1");
        await probe.ExpectMessage("second 2");
        await probe.ExpectMessage("first 3");
    }

    [Fact]
    public async Task The_context_used_after_the_turn_says_so()
    {
        await using var kit = new ActorTestKit();
        Scripted? leaked = null;
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, _) => leaked = self));
        actor.Tell("go");
        await ActorTestKit.Settle(actor);

        Should.Throw<InvalidOperationException>(() => leaked!.Sender.Tell("late")).Message.ShouldContain("outside its turn");
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("ä")]
    public async Task A_malformed_name_is_refused(string name)
    {
        await using var kit = new ActorTestKit();
        Should.Throw<InvalidActorNameException>(() => kit.System.ActorOf(Scripted.Props((_, _) => { }), name)).Code.ShouldBe("FUS6007");
    }

    [Fact]
    public async Task A_name_is_taken_until_its_owner_has_stopped()
    {
        await using var kit = new ActorTestKit();
        Props props = Scripted.Props((_, _) => { });
        ActorRef first = kit.System.ActorOf(props, "one");
        Should.Throw<InvalidActorNameException>(() => kit.System.ActorOf(props, "one")).Message.ShouldContain("'one'");

        TestProbe probe = kit.CreateProbe();
        probe.Watch(first);
        kit.System.Stop(first);
        await probe.ExpectTerminated(first);
        await ActorTestKit.Settle(kit.System.Guardian);

        kit.System.ActorOf(props, "one").ShouldNotBe(first);
    }

    [Fact]
    public async Task New_outside_a_factory_makes_no_actor()
    {
        await using var kit = new ActorTestKit();
        Should.Throw<InvalidOperationException>(() => new Scripted((_, _) => { })).Message.ShouldContain("ActorOf");
    }

    private sealed class Disposable(ActorSystem system) : IDisposable
    {
        internal ActorSystem System => system;

        public void Dispose() => _ = system.DisposeAsync().AsTask();
    }
}
