using Fuser.Host.Configuration;
using Fuser.Host.Node;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using HostOptions = Fuser.Host.Configuration.HostOptions;

namespace Fuser.Host.Http;

/// <summary>
/// The first part of a shutdown: the server still listens, so that new work is turned away with a reason, until what was accepted is finished and readiness was seen to
/// have ended, or <see cref="NodeOptions.DrainNotice"/> is over. Only then does the server close its connections.
/// </summary>
internal sealed class NodeDrain(FuserNode node, HostOptions options, TimeProvider time, ILogger<NodeDrain> logger) : IHostedLifecycleService
{
    private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Requests that were still in hand when the time was over.</summary>
    public int Unfinished { get; private set; }

    /// <param name="cancellationToken">Cancelled after <see cref="NodeOptions.ShutdownTimeout"/>.</param>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var notice = Task.Delay(options.Node.DrainNotice, time, cancellationToken);
        HostLog.Draining(logger, node.Name, node.Gate.Open, options.Node.ShutdownTimeout.TotalSeconds);
        if (await node.DrainAsync(cancellationToken).ConfigureAwait(false))
        {
            await Task.WhenAny(_seen.Task, notice).ConfigureAwait(false);
            HostLog.Drained(logger, node.Name);
        }
        else
        {
            Unfinished = node.Gate.Open;
            HostLog.NotDrained(logger, node.Name, Unfinished, options.Node.ShutdownTimeout.TotalSeconds);
        }
    }

    /// <summary>A check of readiness was told that the node is not ready.</summary>
    public void Seen()
    {
        if (node.Gate.IsDraining)
        {
            _seen.TrySetResult();
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
