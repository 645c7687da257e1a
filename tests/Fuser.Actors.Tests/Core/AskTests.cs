using Fuser.Actors.Core;
using Fuser.Actors.TestKit;
using Fuser.Kernels;

namespace Fuser.Actors.Tests.Core;

public sealed class AskTests
{
    private sealed record Compile;

    [Fact]
    public async Task An_Ask_brings_the_answer()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) => self.Sender.Tell((int)m + 1)));
        (await ActorTestKit.Guard(actor.Ask<int>(41).AsTask())).ShouldBe(42);
    }

    [Fact]
    public async Task A_timeout_names_the_actor_the_message_the_mailbox_and_what_the_actor_was_doing()
    {
        await using var kit = new ActorTestKit();
        using var entered = new SemaphoreSlim(0);
        using var leave = new SemaphoreSlim(0);
        ActorRef actor = kit.System.ActorOf(
            Scripted.Props((self, _) =>
            {
                self.Context.Status = "running the assembler";
                entered.Release();
                leave.Wait();
            }).WithDispatcher(Dispatcher.Pinned),
            "compiler");
        Task<string> first = actor.Ask<string>(new Compile(), TimeSpan.FromSeconds(5)).AsTask();
        await entered.WaitAsync(ActorTestKit.HangLimit);
        actor.Tell("waiting");
        actor.Tell("waiting too");

        kit.Time.Advance(TimeSpan.FromSeconds(5));

        var timeout = await Should.ThrowAsync<AskTimeoutException>(() => ActorTestKit.Guard(first));
        timeout.Code.ShouldBe(ErrorCodes.AskTimeout);
        timeout.Actor.ToString().ShouldBe("/user/compiler");
        timeout.MessageType.ShouldBe("Compile");
        timeout.MailboxLength.ShouldBe(2);
        timeout.Timeout.ShouldBe(TimeSpan.FromSeconds(5));
        timeout.DoingFor.ShouldBe(TimeSpan.FromSeconds(5));
        timeout.Message.ShouldBe("Ask timed out after 5.0 s: '/user/compiler' in 'test' did not answer Compile " +
            "(mailbox 2, handling Compile, running the assembler for 5.0 s). Raise the timeout, or look at what keeps the actor.");
        leave.Release(3);
    }

    [Fact]
    public async Task A_timeout_after_a_forward_names_the_actor_that_has_the_message()
    {
        await using var kit = new ActorTestKit();
        TestProbe silent = kit.CreateProbe("silent");
        ActorRef router = kit.System.ActorOf(Scripted.Props((_, m) => silent.Forward(m)));
        Task<string> ask = router.Ask<string>("q", TimeSpan.FromSeconds(1)).AsTask();
        await silent.ExpectMessage("q");

        kit.Time.Advance(TimeSpan.FromSeconds(1));

        (await Should.ThrowAsync<AskTimeoutException>(() => ActorTestKit.Guard(ask))).Actor.Name.ShouldBe("silent");
    }

    [Fact]
    public async Task A_short_timeout_is_kept_although_a_long_one_was_set_before()
    {
        await using var kit = new ActorTestKit();
        TestProbe silent = kit.CreateProbe();
        Task<string> patient = silent.Ask<string>("a", TimeSpan.FromHours(1)).AsTask();
        Task<string> hasty = silent.Ask<string>("b", TimeSpan.FromMilliseconds(10)).AsTask();

        kit.Time.Advance(TimeSpan.FromMilliseconds(10));

        await Should.ThrowAsync<AskTimeoutException>(() => ActorTestKit.Guard(hasty));
        patient.IsCompleted.ShouldBeFalse();
        kit.Time.Advance(TimeSpan.FromHours(1));
        await Should.ThrowAsync<AskTimeoutException>(() => ActorTestKit.Guard(patient));
    }

    [Fact]
    public async Task An_answer_after_the_timeout_is_a_dead_letter_and_reaches_no_later_Ask()
    {
        await using var kit = new ActorTestKit();
        TestProbe probe = kit.CreateProbe();
        Task<string> lost = probe.Ask<string>("one", TimeSpan.FromSeconds(1)).AsTask();
        await probe.ExpectMessage("one");
        ReplyTo late = probe.LastSender;
        late.IsWaiting.ShouldBeTrue();
        kit.Time.Advance(TimeSpan.FromSeconds(1));
        await Should.ThrowAsync<AskTimeoutException>(() => ActorTestKit.Guard(lost));
        late.IsWaiting.ShouldBeFalse();

        // With the pool as it is, some of these reuse the object of the first.
        for (int i = 0; i < 100; i++)
        {
            Task<string> next = probe.Ask<string>("two").AsTask();
            await probe.ExpectMessage("two");
            late.Tell("wrong");
            probe.Reply("right");
            (await ActorTestKit.Guard(next)).ShouldBe("right");
        }

        kit.System.DeadLetters.Dead.ShouldBe(100);
    }

    [Fact]
    public async Task Only_the_first_answer_counts()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, _) =>
        {
            self.Sender.Tell("first");
            self.Sender.Tell("second");
        }));

        (await ActorTestKit.Guard(actor.Ask<string>("q").AsTask())).ShouldBe("first");
        await ActorTestKit.Settle(actor);
        kit.System.DeadLetters.Dead.ShouldBe(1);
    }

    [Fact]
    public async Task Cancelling_ends_the_wait_and_the_message_is_still_handled()
    {
        await using var kit = new ActorTestKit();
        TestProbe probe = kit.CreateProbe();
        using var cancel = new CancellationTokenSource();
        Task<string> ask = probe.Ask<string>("q", cancellationToken: cancel.Token).AsTask();

        await cancel.CancelAsync();

        var cancelled = await Should.ThrowAsync<OperationCanceledException>(() => ActorTestKit.Guard(ask));
        cancelled.CancellationToken.ShouldBe(cancel.Token);
        await probe.ExpectMessage("q");
        probe.LastSender.IsWaiting.ShouldBeFalse();
    }

    [Fact]
    public async Task An_Ask_already_cancelled_sends_nothing()
    {
        await using var kit = new ActorTestKit();
        TestProbe probe = kit.CreateProbe();
        await Should.ThrowAsync<OperationCanceledException>(() => probe.Ask<string>("q", cancellationToken: new CancellationToken(true)).AsTask());
        await probe.ExpectNoMessage();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(30L * 24 * 3600 * 1000)]
    public async Task An_endless_or_empty_timeout_is_refused(long milliseconds)
    {
        await using var kit = new ActorTestKit();
        TestProbe probe = kit.CreateProbe();
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => probe.Ask<string>("q", TimeSpan.FromMilliseconds(milliseconds)).AsTask());
    }

    [Fact]
    public async Task Asking_a_stopped_actor_fails_at_once()
    {
        await using var kit = new ActorTestKit();
        TestProbe probe = kit.CreateProbe();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((_, _) => { }), "gone");
        probe.Watch(actor);
        kit.System.Stop(actor);
        await probe.ExpectTerminated(actor);

        var stopped = await Should.ThrowAsync<ActorStoppedException>(() => ActorTestKit.Guard(actor.Ask<string>(new Compile()).AsTask()));

        stopped.Code.ShouldBe(ErrorCodes.Stopped);
        stopped.Message.ShouldContain("'/user/gone'");
        stopped.Message.ShouldContain("Compile");
        kit.System.DeadLetters.Dead.ShouldBe(1);
    }

    [Fact]
    public async Task Stopping_fails_the_Asks_that_wait_in_the_mailbox_the_stash_and_the_actor()
    {
        await using var kit = new ActorTestKit();
        using var entered = new SemaphoreSlim(0);
        using var leave = new SemaphoreSlim(0);
        var kept = new List<ReplyTo>();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) =>
        {
            switch (m)
            {
                case "keep":
                    kept.Add(self.Sender);
                    break;
                case "stash":
                    self.Stash.Stash();
                    break;
                case "block":
                    entered.Release();
                    leave.Wait();
                    break;
            }
        }).WithDispatcher(Dispatcher.Pinned));
        Task<string>[] asks = [.. new[] { "keep", "stash", "block", "queued", "queued" }.Select(m => actor.Ask<string>(m).AsTask())];
        await entered.WaitAsync(ActorTestKit.HangLimit);

        kit.System.Stop(actor);
        leave.Release();

        foreach (Task<string> ask in asks)
        {
            (await Should.ThrowAsync<ActorStoppedException>(() => ActorTestKit.Guard(ask))).Actor.ShouldBe(actor.Path);
        }

        kept.Single().IsWaiting.ShouldBeFalse();
    }

    [Fact]
    public async Task A_failure_fails_the_Ask_of_its_message_and_no_other()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) => self.Sender.Tell(m is "bad" ? throw new BoomException() : "fine")), "fragile");
        Task<string> bad = actor.Ask<string>("bad").AsTask();
        Task<string> good = actor.Ask<string>("good").AsTask();

        var failed = await Should.ThrowAsync<ActorFailedException>(() => ActorTestKit.Guard(bad));

        failed.Code.ShouldBe(ErrorCodes.ActorFailed);
        failed.InnerException.ShouldBeOfType<BoomException>();
        failed.Message.ShouldContain("'/user/fragile'");
        (await ActorTestKit.Guard(good)).ShouldBe("fine");
    }

    [Fact]
    public async Task A_restart_fails_the_Asks_the_old_instance_meant_to_answer()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) =>
        {
            if (m is "bad")
            {
                throw new BoomException();
            }
        }));
        Task<string> kept = actor.Ask<string>("later").AsTask();
        actor.Tell("bad");
        (await Should.ThrowAsync<ActorStoppedException>(() => ActorTestKit.Guard(kept))).Message.ShouldContain("boom");
    }

    [Fact]
    public async Task An_Ask_handed_to_another_actor_survives_the_first()
    {
        await using var kit = new ActorTestKit();
        TestProbe worker = kit.CreateProbe("worker");
        ActorRef broker = kit.System.ActorOf(Scripted.Props((self, m) => worker.Tell($"job {m}", self.Sender)));
        Task<string> ask = broker.Ask<string>(1).AsTask();
        await worker.ExpectMessage("job 1");
        TestProbe watcher = kit.CreateProbe();
        watcher.Watch(broker);
        kit.System.Stop(broker);
        await watcher.ExpectTerminated(broker);

        worker.Reply("done");

        (await ActorTestKit.Guard(ask)).ShouldBe("done");
    }

    [Fact]
    public async Task A_kept_handle_answers_later_from_any_thread()
    {
        await using var kit = new ActorTestKit();
        var kept = new TaskCompletionSource<ReplyTo>();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, _) => kept.SetResult(self.Sender)));
        Task<string> ask = actor.Ask<string>("q").AsTask();
        ReplyTo sender = await ActorTestKit.Guard(kept.Task);
        await ActorTestKit.Settle(actor);

        await Task.Run(() => sender.Tell("answer"));

        (await ActorTestKit.Guard(ask)).ShouldBe("answer");
    }

    [Fact]
    public async Task A_status_failure_becomes_the_exception_of_the_Ask()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, _) => self.Sender.Fail(new BoomException("no luck"))));
        (await Should.ThrowAsync<BoomException>(() => ActorTestKit.Guard(actor.Ask<string>("q").AsTask()))).Message.ShouldBe("no luck");
    }

    [Fact]
    public async Task An_answer_of_another_type_names_both_types()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, _) => self.Sender.Tell(1)));
        var unexpected = await Should.ThrowAsync<UnexpectedReplyException>(() => ActorTestKit.Guard(actor.Ask<string>(new Compile()).AsTask()));
        unexpected.Code.ShouldBe("FUS6006");
        unexpected.Message.ShouldContain("answered Compile with Int32, wanted String");
    }

    [Fact]
    public async Task An_unknown_message_fails_the_Ask_at_once()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) => self.Unhandled(m)), "deaf");
        var unhandled = await Should.ThrowAsync<MessageUnhandledException>(() => ActorTestKit.Guard(actor.Ask<string>(new Compile()).AsTask()));
        unhandled.Code.ShouldBe("FUS6005");
        unhandled.Message.ShouldContain("'/user/deaf' does not handle Compile");
    }

    [Fact]
    public async Task The_asker_goes_on_outside_the_actors_turn()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) => self.Sender.Tell(m)));
        await actor.Ask<string>("first");

        // Were this the actor's thread, the actor could not take the second message and this would block for ever.
        Task<string> second = actor.Ask<string>("second").AsTask();
        await Task.Run(() => second.Wait(ActorTestKit.HangLimit)).ContinueWith(t => t.IsCompletedSuccessfully.ShouldBeTrue(), TaskScheduler.Default);
        ActorCell.Current.ShouldBeNull();
    }

    [Fact]
    public async Task A_result_awaited_twice_is_refused()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) => self.Sender.Tell(m)));
        ValueTask<string> ask = actor.Ask<string>("q");
        await ask;
#pragma warning disable CA2012 // Awaited twice on purpose.
        await Should.ThrowAsync<InvalidOperationException>(async () => await ask);
#pragma warning restore CA2012
    }

    [Fact]
    public async Task Bursts_of_Asks_with_long_timeouts_leave_nothing_behind()
    {
        await using var kit = new ActorTestKit();
        ActorRef actor = kit.System.ActorOf(Scripted.Props((self, m) => self.Sender.Tell(m)));
        for (int burst = 0; burst < 20; burst++)
        {
            await ActorTestKit.Guard(Task.WhenAll(Enumerable.Range(0, 3_000).Select(_ => actor.Ask<string>("q", TimeSpan.FromDays(1)).AsTask())));
        }

        // 1,024 pooled, and at most as many again that nothing has looked at since.
        kit.System.Asks.Listed.ShouldBeLessThan(9_000);
    }
}
