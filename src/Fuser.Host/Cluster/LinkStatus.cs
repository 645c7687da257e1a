using System.Diagnostics.Metrics;
using RabbitMQ.Client;

namespace Fuser.Host.Cluster;

/// <summary>How the link to the broker is.</summary>
internal enum LinkState
{
    /// <summary>Not yet, or not any more; it is being tried.</summary>
    Disconnected,

    /// <summary>Messages go through.</summary>
    Connected,

    /// <summary>Given up on purpose.</summary>
    Closed,
}

/// <summary>What everyone may know about the link: written by its actor, read from any thread.</summary>
internal sealed class LinkStatus : IDisposable
{
    private readonly Meter _meter = new("Fuser.Cluster");
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _connects;
    private long _refused;
    private volatile Snapshot _now;

    public LinkStatus(TimeProvider time)
    {
        _time = time;
        _now = new Snapshot(LinkState.Disconnected, null, time.GetUtcNow());
        _meter.CreateObservableGauge("fuser.cluster.connected", () => _now.State == LinkState.Connected ? 1 : 0, description: "1 while the broker is there.");
        _meter.CreateObservableCounter("fuser.cluster.connects", () => Volatile.Read(ref _connects), description: "Connections made, the first included.");
        _meter.CreateObservableGauge("fuser.cluster.kept", () => Kept, description: "Messages that wait for the broker.");
        _meter.CreateObservableCounter("fuser.cluster.refused", () => Volatile.Read(ref _refused), description: "Messages refused because the broker was away.");
    }

    /// <summary>State, the last problem, and since when.</summary>
    public Snapshot Now => _now;

    public long Connects => Volatile.Read(ref _connects);

    /// <summary>Messages that wait for the broker.</summary>
    public int Kept { get; set; }

    /// <summary>Completes with the first connection.</summary>
    public Task FirstConnection => _first.Task;

    public void Refused() => Interlocked.Increment(ref _refused);

    public void Set(LinkState state, string? problem)
    {
        _now = new Snapshot(state, problem, _time.GetUtcNow());
        if (state == LinkState.Connected)
        {
            Interlocked.Increment(ref _connects);
            _first.TrySetResult();
        }
    }

    public void Dispose() => _meter.Dispose();

    internal sealed record Snapshot(LinkState State, string? Problem, DateTimeOffset Since);
}

/// <summary>Who uses a link: told with each connection.</summary>
/// <param name="Open">Declares what is needed and starts consumers.</param>
/// <param name="Reconnected">Messages go through again.</param>
internal sealed record LinkUsers(Func<IConnection, CancellationToken, Task> Open, Action Reconnected)
{
    public Task OpenAsync(IConnection connection, CancellationToken cancellationToken) => Open(connection, cancellationToken);
}
