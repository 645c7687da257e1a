using Fuser.Actors.Core;
using Fuser.Actors.TestKit;
using Fuser.Kernels;

namespace Fuser.Actors.Tests.Core;

public sealed class MailboxTests
{
    [Fact]
    public async Task A_full_mailbox_refuses_an_Ask_with_its_name_and_drops_a_Tell_with_a_count()
    {
        await using var kit = new ActorTestKit();
        using var entered = new SemaphoreSlim(0);
        using var leave = new SemaphoreSlim(0);
        TestProbe letters = kit.CreateProbe();
        using IDisposable subscription = kit.System.DeadLetters.Subscribe(letters);
        ActorRef actor = kit.System.ActorOf(
            Scripted.Props((self, m) =>
            {
                entered.Release();
                leave.Wait();
                self.Sender.Tell($"done {m}");
            }).WithMailboxCapacity(2).WithDispatcher(Dispatcher.Pinned),
            "narrow");
        Task<string> running = actor.Ask<string>(0).AsTask();
        await entered.WaitAsync(ActorTestKit.HangLimit);
        Task<string> one = actor.Ask<string>(1).AsTask(), two = actor.Ask<string>(2).AsTask();

        var full = await Should.ThrowAsync<MailboxFullException>(() => ActorTestKit.Guard(actor.Ask<string>(3).AsTask()));
        actor.Tell("dropped");

        full.Code.ShouldBe(ErrorCodes.Overloaded);
        full.Capacity.ShouldBe(2);
        full.Message.ShouldContain("'/user/narrow' holds its 2 messages");
        (await letters.ExpectMessage<DeadLetter>()).Reason.ShouldBe(DeadLetterReason.Dropped);
        (await letters.ExpectMessage<DeadLetter>()).ShouldBe(new DeadLetter("dropped", default, actor.Path, DeadLetterReason.Dropped));
        kit.System.DeadLetters.Dropped.ShouldBe(2);
        leave.Release(3);
        (await ActorTestKit.Guard(running)).ShouldBe("done 0");
        (await ActorTestKit.Guard(one)).ShouldBe("done 1");
        (await ActorTestKit.Guard(two)).ShouldBe("done 2");

        // Room again.
        leave.Release();
        (await ActorTestKit.Guard(actor.Ask<string>(4).AsTask())).ShouldBe("done 4");
    }

    [Fact]
    public async Task A_bounded_mailbox_counts_right_over_stash_and_restart()
    {
        await using var kit = new ActorTestKit();
        using var entered = new SemaphoreSlim(0);
        using var leave = new SemaphoreSlim(0);
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) =>
        {
            switch (m)
            {
                case "block":
                    entered.Release();
                    leave.Wait();
                    break;
                case "stash" when self.Stash.Count < 2:
                    self.Stash.Stash();
                    break;
                case "unstash":
                    self.Stash.UnstashAll();
                    break;
                case "bad":
                    throw new BoomException();
                case "echo":
                    self.Sender.Tell("echo");
                    break;
            }
        }).WithMailboxCapacity(4).WithDispatcher(Dispatcher.Pinned));

        // More rounds than the capacity, so that a message counted twice or never shows.
        for (int i = 0; i < 8; i++)
        {
            foreach (string m in new[] { "stash", "stash", "unstash", "bad" })
            {
                actor.Tell(m);
                await ActorTestKit.Settle(actor);
            }

            (await ActorTestKit.Guard(actor.Ask<string>("echo").AsTask())).ShouldBe("echo");
        }

        kit.System.DeadLetters.Dropped.ShouldBe(0);
        actor.Tell("block");
        await entered.WaitAsync(ActorTestKit.HangLimit);
        for (int i = 0; i < 5; i++)
        {
            actor.Tell("fill");
        }

        kit.System.DeadLetters.Dropped.ShouldBe(1);
        leave.Release();
    }

    [Fact]
    public async Task A_stop_overtakes_the_messages_that_wait()
    {
        await using var kit = new ActorTestKit();
        using var entered = new SemaphoreSlim(0);
        using var leave = new SemaphoreSlim(0);
        int handled = 0;
        ActorRef actor = kit.System.ActorOf(Scripted.Props((_, _) =>
        {
            handled++;
            entered.Release();
            leave.Wait();
        }).WithDispatcher(Dispatcher.Pinned));
        TestProbe probe = kit.CreateProbe();
        probe.Watch(actor);
        for (int i = 0; i < 10; i++)
        {
            actor.Tell(i);
        }

        await entered.WaitAsync(ActorTestKit.HangLimit);
        kit.System.Stop(actor);
        leave.Release(10);
        await probe.ExpectTerminated(actor);
        handled.ShouldBe(1);
        kit.System.DeadLetters.Dead.ShouldBe(9);
    }

    // The stack against a plain queue: same messages, same order, nothing lost at any interleaving of takes and parks.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_mailbox_behaves_like_a_queue(int seed)
    {
        var random = new Random(seed);
        var mailbox = default(Mailbox);
        var reference = new Queue<object>();
        bool idle = true;
        for (int step = 0; step < 20_000; step++)
        {
            switch (random.Next(4))
            {
                case 0 or 1:
                    object message = step;
                    mailbox.Push(new Envelope { Message = message }).ShouldBe(idle ? Pushed.MustSchedule : Pushed.Queued);
                    reference.Enqueue(message);
                    idle = false;
                    break;
                case 2 when !idle:
                    mailbox.Take()?.Message.ShouldBe(reference.TryDequeue(out object? expected) ? expected : null);
                    break;
                case 3 when !idle && reference.Count == 0:
                    idle = mailbox.TryPark(keep: false);
                    idle.ShouldBeTrue();
                    break;
            }

            mailbox.Length.ShouldBe(reference.Count);
        }

        mailbox.Close(out bool wasIdle);
        wasIdle.ShouldBe(idle);
        mailbox.Push(new Envelope { Message = "late" }).ShouldBe(Pushed.Refused);
    }

    [Fact]
    public void A_system_message_wakes_an_idle_mailbox_and_keeps_a_busy_one_from_parking()
    {
        var mailbox = default(Mailbox);
        mailbox.PushSystem(new ResumeMessage()).ShouldBe(Pushed.MustSchedule);
        mailbox.PushSystem(new TerminateMessage()).ShouldBe(Pushed.Queued);
        mailbox.TryPark(keep: false).ShouldBeFalse();
        SystemMessage first = mailbox.TakeSystem()!;
        first.ShouldBeOfType<ResumeMessage>();
        first.Next.ShouldBeOfType<TerminateMessage>();
        mailbox.TryPark(keep: false).ShouldBeTrue();
    }
}
