using Fuser.Host.Configuration;
using Fuser.Kernels;

namespace Fuser.Host.Node;

/// <summary>One request's place in a node, and the memory that was promised to it. Used by one request at a time; disposing it gives everything back.</summary>
/// <remarks>A request whose body is still to come has a place among those (<see cref="Reception"/>), and one inside from <see cref="Enter"/> on.</remarks>
internal sealed class WorkTicket : IDisposable
{
    private readonly WorkGate _gate;
    private readonly LimitOptions _limits;
    private long _claimed;
    private long _inputs;
    private bool _isInside;
    private bool _hasTurn;
    private bool _isOver;

    internal WorkTicket(WorkGate gate, LimitOptions limits)
    {
        _gate = gate;
        _limits = limits;
    }

    /// <summary>The body on its way in; null when there is none, or it is there.</summary>
    public Reception? Reception { get; private set; }

    /// <summary>The request has a place among those whose bodies are still to come.</summary>
    public void Receive(Reception reception) => Reception = reception;

    /// <summary>The body is there: the request gives its place among those up, and takes one inside unless it has it.</summary>
    /// <exception cref="NodeBusyException">There are too many in; it may be tried again.</exception>
    public void Enter()
    {
        ObjectDisposedException.ThrowIf(_isOver, this);
        EndReception();
        if (!_isInside)
        {
            _gate.Enter();
            _isInside = true;
        }
    }

    /// <summary>Nothing more is to be computed: the place inside is free, and the memory stays promised until the answer is out.</summary>
    public void Exit()
    {
        if (_isInside)
        {
            _isInside = false;
            _gate.LeaveInside();
        }
    }

    /// <summary>Promises memory for arrays that the request brings along, once they are unpacked.</summary>
    /// <exception cref="HostException">They are more than one request may bring.</exception>
    /// <exception cref="NodeBusyException">Other requests have the memory.</exception>
    public void ClaimInputs(long bytes)
    {
        if (bytes > _limits.MaxBodyBytes - _inputs)
        {
            throw new HostException(
                ErrorCodes.RequestTooLarge,
                $"the arrays of the request take more than {_limits.MaxBodyBytes} bytes once they are unpacked. Split the work, or raise fuser.limits.max-body-bytes.");
        }

        Claim(bytes);
        _inputs += bytes;
    }

    /// <summary>Promises memory.</summary>
    /// <exception cref="HostException">It is more than the node has for all requests together.</exception>
    /// <exception cref="NodeBusyException">Other requests have it.</exception>
    public void Claim(long bytes)
    {
        ObjectDisposedException.ThrowIf(_isOver, this);
        if (bytes > _gate.Memory.Limit - _claimed)
        {
            throw new HostException(
                ErrorCodes.RequestTooLarge,
                $"the request needs {_claimed} and another {bytes} bytes; the node has {_gate.Memory.Limit} for all requests together. Split the work, or raise fuser.limits.max-memory-bytes.");
        }

        if (!_gate.Memory.TryTake(bytes))
        {
            _gate.Receiving.MakeRoom();
            throw NodeBusyException.OutOfMemory(bytes, Math.Max(0, _gate.Memory.Limit - _gate.Memory.Used), _limits.RetryAfter);
        }

        _claimed += bytes;
    }

    /// <summary>Waits for the request's turn to compute.</summary>
    public async Task TakeTurnAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isOver, this);
        await _gate.EnterTurnAsync(cancellationToken).ConfigureAwait(false);
        _hasTurn = true;
    }

    /// <summary>Lets the next one compute.</summary>
    public void EndTurn()
    {
        if (_hasTurn)
        {
            _hasTurn = false;
            _gate.LeaveTurn();
        }
    }

    public void Dispose()
    {
        if (!_isOver)
        {
            _isOver = true;
            EndTurn();
            EndReception();
            Exit();
            _gate.Memory.Return(_claimed);
            _gate.Leave();
        }
    }

    private void EndReception()
    {
        Reception?.Leave();
        Reception = null;
    }
}
