using System.Diagnostics.CodeAnalysis;
using Fuser.Host.Configuration;

namespace Fuser.Host.Node;

/// <summary>
/// The door of a node: a bounded number of requests are in, of which a smaller number compute, in the order they came. Whoever does not fit is
/// turned away at once. When the node drains, nobody comes in any more, and those who are in are waited for.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A request that outlives the node's deadline still gives its turn back; the semaphore never makes a wait handle.")]
internal sealed class WorkGate
{
    private readonly LimitOptions _limits;
    private readonly int _capacity;
    private readonly SemaphoreSlim _turns;
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open;
    private int _running;
    private int _waiting;
    private volatile bool _isDraining;

    /// <param name="kept">What is kept for requests to come.</param>
    public WorkGate(LimitOptions limits, IKeptMemory? kept = null)
    {
        _limits = limits;
        _capacity = limits.MaxConcurrent + limits.MaxQueue;
        _turns = new SemaphoreSlim(limits.MaxConcurrent);
        Memory = new MemoryBudget(limits.MaxMemoryBytes, kept);
    }

    /// <summary>The memory of all who are in.</summary>
    public MemoryBudget Memory { get; }

    /// <summary>Requests that are in.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Those of them that compute.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Those of them that wait for their turn.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Whether nobody comes in any more.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>Lets a request in.</summary>
    /// <exception cref="NodeBusyException">There are too many in, or the node drains.</exception>
    public WorkTicket Admit()
    {
        // In before the question, so that a drain which begins between the two sees this request and waits for it.
        var open = Interlocked.Increment(ref _open);
        if (_isDraining)
        {
            Leave();
            throw NodeBusyException.Draining(_limits.RetryAfter);
        }

        if (open > _capacity)
        {
            Leave();
            throw NodeBusyException.Full(_capacity, _limits.RetryAfter);
        }

        return new WorkTicket(this, _limits);
    }

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
