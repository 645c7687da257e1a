using Fuser.Actors.Core;
using Fuser.Actors.TestKit;

namespace Fuser.Actors.Tests.Core;

/// <summary>Counts bytes over the whole process, because an Ask runs on several threads; so no other test may run meanwhile.</summary>
[Collection(AloneInTheProcess.Name)]
public sealed class AskAllocationTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_warm_Ask_allocates_nothing(bool callerWhenIdle)
    {
        await using var kit = new ActorTestKit(time: TimeProvider.System);
        object question = "question", answer = "answer";
        Props props = Scripted.Props((self, _) => self.Sender.Tell(answer));
        ActorRef actor = kit.System.ActorOf(callerWhenIdle ? props.WithDispatcher(Dispatcher.CallerWhenIdle()) : props);
        ActorRef first = kit.System.ActorOf(Scripted.Props((_, m) => actor.Forward(m)));
        const int asks = 50_000;
        await Asks(first, question, asks);

        // The runtime itself allocates now and then (timers, thread pool), so the best of several rounds counts.
        long least = long.MaxValue;
        for (int round = 0; round < 20 && least >= asks; round++)
        {
            long before = GC.GetTotalAllocatedBytes(true);
            await Asks(first, question, asks);
            least = Math.Min(least, GC.GetTotalAllocatedBytes(true) - before);
        }

        least.ShouldBeLessThan(asks, "bytes for 50,000 Asks");

        static async Task Asks(ActorRef actor, object question, int count)
        {
            for (int i = 0; i < count; i++)
            {
                await actor.Ask<string>(question);
            }
        }
    }
}

/// <summary>Tests that measure the process: xunit runs them one by one, after all others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneInTheProcess
{
    public const string Name = "alone in the process";
}
