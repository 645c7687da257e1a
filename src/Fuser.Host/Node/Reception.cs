using System.Diagnostics.CodeAnalysis;
using Fuser.Host.Configuration;
using Fuser.Kernels;

namespace Fuser.Host.Node;

/// <summary>
/// One body on its way in: its place among those, and its pace. A body may take <see cref="LimitOptions.BodyTimeout"/>, and must be on its way to be done by then: from
/// <see cref="LimitOptions.BodyGrace"/> on, what has arrived is measured against the least rate, which rises with the size that was declared.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Whoever makes room may end it while its owner lets go; the source never makes a wait handle, and its timer is stopped.")]
internal sealed class Reception
{
    private readonly ReceivingPool _pool;
    private readonly LimitOptions _limits;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly CancellationTokenSource _ended;
    private long _expected;
    private long _received;
    private volatile bool _madeRoom;

    public Reception(ReceivingPool pool, string caller, LimitOptions limits, TimeProvider time)
    {
        _pool = pool;
        _limits = limits;
        _time = time;
        _started = time.GetTimestamp();
        _ended = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        Caller = caller;
    }

    /// <summary>Who sends it: a name, or an address where nobody has to say who they are.</summary>
    public string Caller { get; }

    /// <summary>Bytes that have arrived.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Cancelled when it is too slow, or had to make room.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>How long it is behind the least rate; less than nothing when it is ahead of it.</summary>
    public TimeSpan Lag => Elapsed - TimeFor(Received);

    private TimeSpan Elapsed => _time.GetElapsedTime(_started);

    private double Rate => Math.Max(_limits.MinBodyRate, Interlocked.Read(ref _expected) / _limits.BodyTimeout.TotalSeconds);

    /// <summary>More bytes are to come than were known of.</summary>
    public void Expect(long bytes) => Interlocked.Add(ref _expected, bytes);

    public void Arrived(int bytes) => Interlocked.Add(ref _received, bytes);

    /// <summary>Starts, or starts again, the time within which something has to arrive.</summary>
    public void Await()
    {
        var due = _limits.BodyGrace + TimeFor(Received);
        var left = (due < _limits.BodyTimeout ? due : _limits.BodyTimeout) - Elapsed;
        if (left > TimeSpan.Zero)
        {
            _ended.CancelAfter(left);
        }
        else
        {
            _ended.Cancel();
        }
    }

    /// <summary>Ends it in favour of another.</summary>
    public void MakeRoom()
    {
        _madeRoom = true;
        _ended.Cancel();
    }

    /// <summary>The body is there, or will not come any more.</summary>
    public void Leave()
    {
        _ended.CancelAfter(Timeout.InfiniteTimeSpan);
        _pool.Leave(this);
    }

    /// <summary>Why it was ended.</summary>
    public HostException Problem(Exception cause)
    {
        var arrived = $"{Received} bytes of the body arrived in {Elapsed.TotalSeconds:0.#} s";
        return new HostException(
            ErrorCodes.RequestTimeout,
            _madeRoom ? $"{arrived}, less than {Rate:0} a second, and others needed the room. Send it faster, or raise fuser.limits.max-receiving."
            : Elapsed < _limits.BodyTimeout ? $"{arrived}, less than {Rate:0} a second, with which it would be there after fuser.limits.body-timeout. Send it faster, raise that, or lower fuser.limits.min-body-rate."
            : $"{arrived}, and not its end. Send it faster, or raise fuser.limits.body-timeout.",
            cause);
    }

    private TimeSpan TimeFor(long bytes) => TimeSpan.FromSeconds(Math.Min(bytes / Rate, _limits.BodyTimeout.TotalSeconds));
}
