using BenchmarkDotNet.Attributes;
using Fuser.Actors.Core;

namespace Fuser.Benchmarks.Actors;

/// <summary>Mean time and bytes of one warm Ask, one hop and three, and of a Tell.</summary>
[MemoryDiagnoser]
public class ActorBenchmarks : IAsyncDisposable
{
    private const int Asks = 10_000;
    private const int Tells = 100_000;

    private readonly SemaphoreSlim _counted = new(0);
    private ActorSystem _system = null!;
    private ActorRef _echo = null!;
    private ActorRef _chain = null!;
    private ActorRef _inline = null!;
    private ActorRef _counter = null!;

    [GlobalSetup]
    public void Setup()
    {
        _system = new ActorSystem("bench");
        _echo = _system.ActorOf(Props.Create(static () => new EchoActor()));
        ActorRef second = _system.ActorOf(Props.Create(() => new EchoActor(_echo)));
        _chain = _system.ActorOf(Props.Create(() => new EchoActor(second)));
        _inline = _system.ActorOf(Props.Create(static () => new EchoActor()).WithDispatcher(Dispatcher.CallerWhenIdle()));
        _counter = _system.ActorOf(Props.Create(() => new CountingActor(_counted, Tells)));
    }

    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        await _system.DisposeAsync();
        _counted.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(OperationsPerInvoke = Asks, Baseline = true)]
    public Task Ask_one_hop() => AskAsync(_echo);

    [Benchmark(OperationsPerInvoke = Asks)]
    public Task Ask_three_hops() => AskAsync(_chain);

    [Benchmark(OperationsPerInvoke = Asks)]
    public Task Ask_caller_when_idle() => AskAsync(_inline);

    [Benchmark(OperationsPerInvoke = Tells)]
    public Task Tell()
    {
        for (int i = 0; i < Tells; i++)
        {
            _counter.Tell(EchoActor.CachedPing);
        }

        return _counted.WaitAsync();
    }

    private static async Task AskAsync(ActorRef actor)
    {
        for (int i = 0; i < Asks; i++)
        {
            await actor.Ask<EchoActor.Pong>(EchoActor.CachedPing);
        }
    }
}
