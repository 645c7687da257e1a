using Fuser.Actors.Core;
using Fuser.Actors.TestKit;

namespace Fuser.Actors.Tests.Core;

public sealed class PipeToTests
{
    [Fact]
    public async Task The_outcome_of_a_task_comes_back_as_a_message()
    {
        await using var kit = new ActorTestKit();
        TestProbe probe = kit.CreateProbe();
        var work = new TaskCompletionSource<int>();
        work.Task.PipeTo(probe);
        work.Task.PipeTo(probe, n => $"got {n}");
        await probe.ExpectNoMessage();
        work.SetResult(7);
        object[] both = [await probe.ExpectMessage<object>(), await probe.ExpectMessage<object>()];
        both.ShouldBe([7, "got 7"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_failure_comes_back_as_a_message_too()
    {
        await using var kit = new ActorTestKit();
        TestProbe probe = kit.CreateProbe();
        Task<int> failed = Task.FromException<int>(new BoomException());
        failed.PipeTo(probe);
        (await probe.ExpectMessage<Status.Failure>()).Cause.ShouldBeOfType<BoomException>();
        failed.PipeTo(probe, failure: cause => cause.Message);
        await probe.ExpectMessage("boom");
        Task.FromResult<string?>(null)!.PipeTo<string>(probe);
        (await probe.ExpectMessage<Status.Failure>()).Cause.ShouldBeOfType<InvalidOperationException>();
        Task.CompletedTask.PipeTo(probe);
        await probe.ExpectMessage<Status.Success>();
    }

    [Fact]
    public async Task An_actor_stays_answerable_while_its_work_runs_and_answers_the_waiting_afterwards()
    {
        await using var kit = new ActorTestKit();
        var compile = new TaskCompletionSource<string>();
        int compiles = 0;
        ActorRef actor = kit.System.ActorOf(Props.Create(() =>
        {
            var waiting = new List<ReplyTo>();
            return new Scripted((self, m) =>
            {
                switch (m)
                {
                    case "run":
                        if (waiting.Count == 0)
                        {
                            compiles++;
                            compile.Task.PipeTo(self.Self, kernel => new Compiled(kernel));
                        }

                        waiting.Add(self.Sender);
                        break;
                    case "status":
                        self.Sender.Tell(waiting.Count);
                        break;
                    case Compiled done:
                        waiting.ForEach(w => w.Tell(done.Kernel));
                        waiting.Clear();
                        break;
                }
            });
        }));
        Task<string>[] runs = [.. Enumerable.Range(0, 64).Select(_ => actor.Ask<string>("run").AsTask())];
        (await ActorTestKit.Guard(actor.Ask<int>("status").AsTask())).ShouldBe(64);
        compile.SetResult("kernel");
        (await ActorTestKit.Guard(Task.WhenAll(runs))).ShouldAllBe(k => k == "kernel");
        compiles.ShouldBe(1);
    }

    private sealed record Compiled(string Kernel);
}
