namespace Fuser.Actors.Core;

/// <summary>
/// A pool of equal actors behind one reference, for work without state. The sender's thread picks the worker, so the pool adds no
/// hop. A worker that fails fails the Ask of its message only; it is restarted, and the others never notice.
/// A worker that stops leaves the pool; with the last one the pool stops.
/// </summary>
public abstract record RouterPool
{
    private protected RouterPool(int size, SupervisorStrategy? supervisorStrategy)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, 1024);
        Size = size;
        Strategy = supervisorStrategy ?? SupervisorStrategy.Default;
    }

    /// <summary>Number of workers at the start, 1 to 1,024.</summary>
    public int Size { get; }

    /// <summary>How failing workers are treated.</summary>
    public SupervisorStrategy Strategy { get; }

    internal abstract int Choose(ActorRef[] workers, uint turn);

    /// <summary>The Props of the actor that keeps the pool for workers made by <paramref name="worker"/>.</summary>
    internal Props Supervise(Props worker) =>
        Props.Create(() => new RouterActor(worker.WithoutRouter(), Size)).WithSupervisorStrategy(Strategy);
}

/// <summary>Workers take turns.</summary>
public sealed record RoundRobinPool : RouterPool
{
    /// <summary>A pool of <paramref name="size"/> workers.</summary>
    public RoundRobinPool(int size, SupervisorStrategy? supervisorStrategy = null)
        : base(size, supervisorStrategy)
    {
    }

    internal override int Choose(ActorRef[] workers, uint turn) => (int)(turn % (uint)workers.Length);
}

/// <summary>The worker with the fewest waiting messages, an idle one first; for work of uneven length.</summary>
public sealed record SmallestMailboxPool : RouterPool
{
    /// <summary>A pool of <paramref name="size"/> workers.</summary>
    public SmallestMailboxPool(int size, SupervisorStrategy? supervisorStrategy = null)
        : base(size, supervisorStrategy)
    {
    }

    internal override int Choose(ActorRef[] workers, uint turn)
    {
        (int best, int bestLoad) = (0, int.MaxValue);
        for (int i = 0; i < workers.Length && bestLoad > 0; i++)
        {
            // From another worker each time, so that equals share the work.
            int at = (int)((turn + (uint)i) % (uint)workers.Length);
            int load = workers[at].Cell.Load;
            if (load < bestLoad)
            {
                (best, bestLoad) = (at, load);
            }
        }

        return best;
    }
}

/// <summary>The reference of a pool: posts straight to a worker. Until the workers exist, messages wait at the pool's own actor.</summary>
internal sealed class RouterRef(ActorCell cell, RouterPool pool) : ActorRef
{
    private ActorRef[] _workers = [];
    private uint _turn;

    public override int MailboxLength => cell.MailboxLength + Volatile.Read(ref _workers).Sum(static w => w.MailboxLength);

    internal override ActorCell Cell => cell;

    internal void Publish(ActorRef[] workers) => Volatile.Write(ref _workers, workers);

    internal override void Post(Envelope envelope)
    {
        ActorRef[] workers = Volatile.Read(ref _workers);
        if (workers.Length == 0 || envelope.Message is IAutoReceivedMessage)
        {
            cell.Post(envelope);
            return;
        }

        ActorRef worker = workers[pool.Choose(workers, Interlocked.Increment(ref _turn))];
        if (envelope is PendingAsk ask)
        {
            ask.Holder = worker;
        }

        worker.Post(envelope);
    }
}

/// <summary>Keeps the workers of a pool, and passes on what came before there were any.</summary>
internal sealed class RouterActor(Props worker, int size) : Actor
{
    private readonly List<ActorRef> _workers = [];

    protected override void PreStart()
    {
        for (int i = 1; i <= size; i++)
        {
            ActorRef child = Context.ActorOf(worker, $"{i}");
            Context.Watch(child);
            _workers.Add(child);
        }

        Publish();
    }

    protected override void Receive(object message)
    {
        if (message is not Terminated terminated)
        {
            Self.Forward(message);
            return;
        }

        _workers.Remove(terminated.Actor);
        Publish();
        if (_workers.Count == 0)
        {
            Context.Stop(Self);
        }
    }

    // Escalated failures end here like any other restart: the pool comes back with fresh workers.
    protected override void PostStop()
    {
        _workers.Clear();
        Publish();
    }

    private void Publish() => ((RouterRef)Self).Publish([.. _workers]);
}
