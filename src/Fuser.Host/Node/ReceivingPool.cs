using Fuser.Host.Configuration;

namespace Fuser.Host.Node;

/// <summary>
/// The bodies that are being received: a bounded number, of which no caller has more than a share. They take none of the places of those who wait or compute. When there
/// is no room, the one that is furthest behind its least rate goes; when none is behind, the newcomer is told to come again.
/// </summary>
internal sealed class ReceivingPool(LimitOptions limits, TimeProvider time)
{
    /// <summary>How long a body may be behind before it makes room: longer than a pause on a busy line, shorter than callers wait.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly HashSet<Reception> _all = [];
    private readonly Dictionary<string, int> _shares = new(StringComparer.Ordinal);

    /// <summary>Bodies that are being received.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _all.Count;
            }
        }
    }

    /// <summary>Takes a place.</summary>
    /// <exception cref="NodeBusyException">There is none, and nobody who would have to make room.</exception>
    public Reception Enter(string caller)
    {
        Reception? slowest = null;
        var reception = new Reception(this, caller, limits, time);
        lock (_lock)
        {
            if (_shares.GetValueOrDefault(caller) >= limits.MaxReceivingPerCaller)
            {
                slowest = Remove(Slowest(caller) ?? throw NodeBusyException.ShareIsReceiving(limits.MaxReceivingPerCaller, limits.RetryAfter));
            }
            else if (_all.Count >= limits.MaxReceiving)
            {
                slowest = Remove(Slowest(null) ?? throw NodeBusyException.AllAreReceiving(limits.MaxReceiving, limits.RetryAfter));
            }

            _all.Add(reception);
            _shares[caller] = _shares.GetValueOrDefault(caller) + 1;
        }

        slowest?.MakeRoom();
        return reception;
    }

    /// <summary>Ends the body that is furthest behind, so that its memory is free when its caller's rival comes again.</summary>
    public void MakeRoom()
    {
        Reception? slowest;
        lock (_lock)
        {
            slowest = Slowest(null);
            if (slowest is not null)
            {
                Remove(slowest);
            }
        }

        slowest?.MakeRoom();
    }

    /// <summary>Gives a place back; twice is once.</summary>
    public void Leave(Reception reception)
    {
        lock (_lock)
        {
            Remove(reception);
        }
    }

    private Reception? Slowest(string? caller)
    {
        Reception? slowest = null;
        var most = Patience;
        foreach (var reception in _all)
        {
            if ((caller is null || reception.Caller == caller) && reception.Lag is var lag && lag > most)
            {
                (slowest, most) = (reception, lag);
            }
        }

        return slowest;
    }

    private Reception Remove(Reception reception)
    {
        if (_all.Remove(reception) && --_shares[reception.Caller] == 0)
        {
            _shares.Remove(reception.Caller);
        }

        return reception;
    }
}
