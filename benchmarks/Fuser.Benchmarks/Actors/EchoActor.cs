using Fuser.Actors.Core;

namespace Fuser.Benchmarks.Actors;

/// <summary>Answers every message with the same object, or passes it on.</summary>
internal sealed class EchoActor(ActorRef? next = null) : Actor
{
    internal sealed record Ping;

    internal sealed record Pong;

    internal static readonly Ping CachedPing = new();
    internal static readonly Pong CachedPong = new();

    protected override void Receive(object message)
    {
        if (next is null)
        {
            Sender.Tell(CachedPong);
        }
        else
        {
            next.Forward(message);
        }
    }
}

/// <summary>Counts down to a signal.</summary>
internal sealed class CountingActor : Actor
{
    private readonly SemaphoreSlim _done;
    private readonly int _batch;
    private int _seen;

    internal CountingActor(SemaphoreSlim done, int batch) => (_done, _batch) = (done, batch);

    protected override void Receive(object message)
    {
        if (++_seen == _batch)
        {
            _seen = 0;
            _done.Release();
        }
    }
}
