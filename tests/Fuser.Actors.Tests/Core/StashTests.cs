using Fuser.Actors.Core;
using Fuser.Actors.TestKit;
using Fuser.Kernels;

namespace Fuser.Actors.Tests.Core;

public sealed class StashTests
{
    private static Props Gate(TestProbe probe) => Props.Create(() =>
    {
        bool open = false;
        return new Scripted((self, m) =>
        {
            switch (m)
            {
                case "open":
                    open = true;
                    self.Stash.UnstashAll();
                    break;
                case "bad":
                    throw new BoomException();
                default:
                    if (open)
                    {
                        probe.Tell(m);
                        self.Sender.Tell($"did {m}");
                    }
                    else
                    {
                        self.Stash.Stash();
                    }

                    break;
            }
        });
    });

    [Fact]
    public async Task Stashed_messages_come_back_before_the_mailbox_in_their_order_with_their_senders()
    {
        await using var kit = new ActorTestKit();
        TestProbe probe = kit.CreateProbe();
        ActorRef actor = kit.System.ActorOf(Gate(probe));
        Task<string> one = actor.Ask<string>(1).AsTask(), two = actor.Ask<string>(2).AsTask();
        await ActorTestKit.Settle(actor);
        actor.Tell("open");
        Task<string> three = actor.Ask<string>(3).AsTask();
        foreach (int i in new[] { 1, 2, 3 })
        {
            await probe.ExpectMessage<int>(i);
        }

        (await ActorTestKit.Guard(Task.WhenAll(one, two, three))).ShouldBe(["did 1", "did 2", "did 3"]);
    }

    [Fact]
    public async Task A_restart_unstashes()
    {
        await using var kit = new ActorTestKit();
        TestProbe probe = kit.CreateProbe();
        bool open = false;
        ActorRef actor = kit.System.ActorOf(Props.Create(() => new Scripted((self, m) =>
        {
            if (m is "bad")
            {
                throw new BoomException();
            }

            if (open)
            {
                probe.Tell(m);
            }
            else
            {
                self.Stash.Stash();
            }
        })
        { AfterRestart = (_, _) => open = true }));
        actor.Tell("kept");
        actor.Tell("bad");
        actor.Tell("after");
        await probe.ExpectMessage("kept");
        await probe.ExpectMessage("after");
    }

    [Fact]
    public async Task A_full_stash_is_a_failure_of_the_actor_and_says_so()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, _) => self.Stash.Stash()).WithStashCapacity(2));
        actor.Tell(1);
        actor.Tell(2);
        var failed = await Should.ThrowAsync<ActorFailedException>(() => ActorTestKit.Guard(actor.Ask<string>(3).AsTask()));
        failed.InnerException.ShouldBeOfType<StashOverflowException>().Code.ShouldBe(ErrorCodes.Overloaded);
        kit.System.Stop(actor);
    }

    [Fact]
    public async Task A_message_cannot_be_stashed_twice()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) =>
        {
            if (m is "twice")
            {
                self.Stash.Stash();
                self.Stash.Stash();
            }
        }).WithSupervisorStrategy(SupervisorStrategy.Stopping));
        TestProbe probe = kit.CreateProbe();
        probe.Watch(actor);
        actor.Tell("twice");

        // The restart unstashes it, so it fails until the supervisor has had enough.
        await probe.ExpectTerminated(actor);
        kit.Log.Entries.ShouldContain(e => e.Exception is InvalidOperationException);
    }
}
