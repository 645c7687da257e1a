using Fuser.Actors.Core;
using Fuser.Actors.TestKit;

namespace Fuser.Actors.Tests.Core;

/// <summary>Many askers against actors that forward, fail, delay and stop, with random cancellation and timeouts: every Ask ends, every answer is its own, and the counts come out even.</summary>
public sealed class StressTests
{
    private sealed record Request(int Asker, int Number, int Hops, int Fate);

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public async Task Every_Ask_ends_once_with_its_own_answer_or_a_named_error(int seed, bool callerWhenIdle)
    {
        await using var kit = new ActorTestKit(time: TimeProvider.System);
        const int askers = 16, each = 4_000, targets = 4;
        Dispatcher dispatcher = callerWhenIdle ? Dispatcher.CallerWhenIdle() : Dispatcher.Shared;
        var actors = new ActorRef[targets];
        long received = 0;
        Props Node(int me) => Scripted.Props((self, m) =>
        {
            var request = (Request)m;
            if (request.Hops > 0)
            {
                Volatile.Read(ref actors[(me + request.Hops) % targets]).Forward(request with { Hops = request.Hops - 1 });
                return;
            }

            Interlocked.Increment(ref received);
            switch (request.Fate)
            {
                case 0:
                    throw new BoomException();
                case 1:
                    ReplyTo later = self.Sender;
                    ThreadPool.QueueUserWorkItem(_ => later.Tell((request.Asker, request.Number)));
                    break;
                case 2:
                    self.Context.Stop(self.Self);
                    break;
                case 3:
                    break;
                default:
                    self.Sender.Tell((request.Asker, request.Number));
                    break;
            }
        }).WithDispatcher(dispatcher);
        var forever = new SupervisorStrategy { MaxRetries = -1 };
        ActorRef keeper = kit.System.ActorOf(Props.Create(() => new Keeper(actors, Node)).WithSupervisorStrategy(forever));
        await ActorTestKit.Settle(keeper);

        long answered = 0, failed = 0, cancelled = 0, timedOut = 0, wrong = 0;
        await ActorTestKit.Guard(Task.WhenAll(Enumerable.Range(0, askers).Select(asker => Task.Run(async () =>
        {
            var random = new Random((seed * 1_000) + asker);
            for (int number = 0; number < each; number++)
            {
                int fate = random.Next(100);
                var request = new Request(asker, number, random.Next(4), fate < 97 ? fate + 4 : random.Next(number % 50 == 0 ? 4 : 2));
                CancellationTokenSource? cancel = random.Next(10) == 0 ? new CancellationTokenSource() : null;
                ValueTask<(int, int)> ask = Volatile.Read(ref actors[random.Next(targets)])
                    .Ask<(int, int)>(request, request.Fate == 3 ? TimeSpan.FromMilliseconds(20) : ActorTestKit.HangLimit, cancel?.Token ?? default);
                if (cancel is not null)
                {
                    ThreadPool.QueueUserWorkItem(static c => c.Cancel(), cancel, preferLocal: false);
                }

                try
                {
                    if (await ask != (asker, number))
                    {
                        Interlocked.Increment(ref wrong);
                    }

                    Interlocked.Increment(ref answered);
                }
                catch (AskTimeoutException)
                {
                    Interlocked.Increment(ref timedOut);
                }
                catch (ActorException)
                {
                    Interlocked.Increment(ref failed);
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Increment(ref cancelled);
                }
            }
        }))));

        wrong.ShouldBe(0);
        (answered + failed + cancelled + timedOut).ShouldBe(askers * each);
        answered.ShouldBeGreaterThan(askers * each / 2);
        failed.ShouldBeGreaterThan(0);
        cancelled.ShouldBeGreaterThan(0);

        // What came in was handled by an actor or ended as a dead letter, once each.
        foreach (ActorRef actor in actors)
        {
            await ActorTestKit.Guard(actor.Ask<ActorIdentity>(new Identify(null)).AsTask());
        }

        long unaccounted = (askers * each) - Interlocked.Read(ref received);
        unaccounted.ShouldBeInRange(0, kit.System.DeadLetters.Dead);
    }

    /// <summary>Keeps one node in each place, also when nodes stop.</summary>
    private sealed class Keeper : Actor
    {
        private readonly ActorRef[] _places;
        private readonly Func<int, Props> _node;

        public Keeper(ActorRef[] places, Func<int, Props> node)
        {
            (_places, _node) = (places, node);
            for (int i = 0; i < places.Length; i++)
            {
                Fill(i);
            }
        }

        protected override void Receive(object message)
        {
            if (message is Terminated terminated)
            {
                Fill(Array.IndexOf(_places, terminated.Actor));
            }
        }

        private void Fill(int place)
        {
            ActorRef node = Context.ActorOf(_node(place));
            Context.Watch(node);
            Volatile.Write(ref _places[place], node);
        }
    }
}
