using System.Diagnostics.CodeAnalysis;
using Fuser.Host.Configuration;

namespace Fuser.Host.Node;

/// <summary>
/// The door of a node: a bounded number of requests are in, of which a smaller number compute, in the order they came; those whose bodies are still on the way stand
/// before the door, in a pool of their own, and those whose results are being sent have left. Whoever does not fit is turned away at once. When the node drains, nobody comes any more, and those who have come are waited for.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A request that outlives the node's deadline still gives its turn back; the semaphore never makes a wait handle.")]
internal sealed class WorkGate
{
    private readonly LimitOptions _limits;
    private readonly int _capacity;
    private readonly SemaphoreSlim _turns;
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open;
    private int _inside;
    private int _running;
    private int _waiting;
    private volatile bool _isDraining;

    /// <param name="kept">What is kept for requests to come.</param>
    public WorkGate(LimitOptions limits, TimeProvider? time = null, IKeptMemory? kept = null)
    {
        _limits = limits;
        _capacity = limits.MaxConcurrent + limits.MaxQueue;
        _turns = new SemaphoreSlim(limits.MaxConcurrent);
        Memory = new MemoryBudget(limits.MaxMemoryBytes, kept);
        Receiving = new ReceivingPool(limits, time ?? TimeProvider.System);
    }

    /// <summary>The memory of all requests in hand.</summary>
    public MemoryBudget Memory { get; }

    /// <summary>Those of them whose bodies are being received.</summary>
    public ReceivingPool Receiving { get; }

    /// <summary>Requests in hand, from the first byte of the body to the last of the answer.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Those of them that compute.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Those of them that wait for their turn.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Whether nobody comes in any more.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>Takes a request of which parts are still to come. It gets its place inside when they are there.</summary>
    /// <param name="caller">Who sends it; null where whoever brings requests bounds how many are on their way.</param>
    /// <exception cref="NodeBusyException">Too many are inside or being received, or the node drains.</exception>
    public WorkTicket Receive(string? caller) => Take(ticket =>
    {
        if (caller is not null)
        {
            ticket.Receive(Volatile.Read(ref _inside) < _capacity ? Receiving.Enter(caller) : throw Full());
        }
    });

    /// <summary>Lets a request in that is all there.</summary>
    /// <exception cref="NodeBusyException">There are too many in, or the node drains.</exception>
    public WorkTicket Admit() => Take(static ticket => ticket.Enter());

    private WorkTicket Take(Action<WorkTicket> findPlace)
    {
        // In hand before the question, so that a drain which begins between the two sees this request and waits for it.
        Interlocked.Increment(ref _open);
        var ticket = new WorkTicket(this, _limits);
        try
        {
            findPlace(_isDraining ? throw NodeBusyException.Draining(_limits.RetryAfter) : ticket);
            return ticket;
        }
        catch (NodeBusyException)
        {
            ticket.Dispose();
            throw;
        }
    }

    private NodeBusyException Full() => NodeBusyException.Full(_capacity, _limits.RetryAfter);

    /// <summary>Closes the door.</summary>
    /// <returns>Completes when the last request has left.</returns>
    public Task DrainAsync()
    {
        _isDraining = true;
        if (Open == 0)
        {
            _empty.TrySetResult();
        }

        return _empty.Task;
    }

    internal void Enter()
    {
        if (Interlocked.Increment(ref _inside) > _capacity)
        {
            LeaveInside();
            throw Full();
        }
    }

    internal void LeaveInside() => Interlocked.Decrement(ref _inside);

    internal async Task EnterTurnAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await _turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }

        Interlocked.Increment(ref _running);
    }

    internal void LeaveTurn()
    {
        Interlocked.Decrement(ref _running);
        _turns.Release();
    }

    internal void Leave()
    {
        if (Interlocked.Decrement(ref _open) == 0 && _isDraining)
        {
            _empty.TrySetResult();
        }
    }
}
