using Fuser.Actors.Core;
using Fuser.Actors.TestKit;

namespace Fuser.Actors.Tests.Core;

public sealed class DeadLetterTests
{
    [Fact]
    public async Task What_does_not_arrive_is_published_and_counted_by_reason()
    {
        await using var kit = new ActorTestKit();
        TestProbe letters = kit.CreateProbe(), sender = kit.CreateProbe();
        using IDisposable subscription = kit.System.DeadLetters.Subscribe(letters);
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) => self.Unhandled(m)));

        actor.Tell("unknown", sender);
        (await letters.ExpectMessage<DeadLetter>()).ShouldBe(new DeadLetter("unknown", sender, actor.Path, DeadLetterReason.Unhandled));

        sender.Watch(actor);
        kit.System.Stop(actor);
        await sender.ExpectTerminated(actor);
        actor.Tell("too late", sender);
        (await letters.ExpectMessage<DeadLetter>()).ShouldBe(new DeadLetter("too late", sender, actor.Path, DeadLetterReason.Dead));

        (kit.System.DeadLetters.Dead, kit.System.DeadLetters.Unhandled, kit.System.DeadLetters.Dropped).ShouldBe((1, 1, 0));
    }

    [Fact]
    public async Task A_reply_to_nobody_is_a_dead_letter()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) => self.Sender.Tell("answer")));
        actor.Tell("no sender", default);
        await ActorTestKit.Settle(actor);
        kit.System.DeadLetters.Dead.ShouldBe(1);
    }

    [Fact]
    public async Task A_subscriber_that_has_stopped_starts_no_endless_chain()
    {
        await using var kit = new ActorTestKit();
        ActorRef subscriber = kit.System.ActorOf(Scripted.Props((_, _) => { }));
        TestProbe probe = kit.CreateProbe();
        IDisposable subscription = kit.System.DeadLetters.Subscribe(subscriber);
        probe.Watch(subscriber);
        kit.System.Stop(subscriber);
        await probe.ExpectTerminated(subscriber);

        subscriber.Tell("one");
        kit.System.DeadLetters.Dead.ShouldBe(2);

        subscription.Dispose();
        subscription.Dispose();
        subscriber.Tell("two");
        kit.System.DeadLetters.Dead.ShouldBe(3);
    }
}
