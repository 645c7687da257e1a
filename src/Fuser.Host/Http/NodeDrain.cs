using Fuser.Host.Configuration;
using Fuser.Host.Node;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using HostOptions = Fuser.Host.Configuration.HostOptions;

namespace Fuser.Host.Http;

/// <summary>
/// The first part of a shutdown: the server still listens, so that new work is turned away with a reason and readiness is seen to end, while
/// what was accepted is finished. Only then does the server close its connections.
/// </summary>
internal sealed class NodeDrain(FuserNode node, HostOptions options, ILogger<NodeDrain> logger) : IHostedLifecycleService
{
    /// <summary>Requests that were still in hand when the time was over.</summary>
    public int Unfinished { get; private set; }

    /// <param name="cancellationToken">Cancelled after <see cref="NodeOptions.ShutdownTimeout"/>.</param>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        HostLog.Draining(logger, node.Name, node.Gate.Open, options.Node.ShutdownTimeout.TotalSeconds);
        if (await node.DrainAsync(cancellationToken).ConfigureAwait(false))
        {
            HostLog.Drained(logger, node.Name);
        }
        else
        {
            Unfinished = node.Gate.Open;
            HostLog.NotDrained(logger, node.Name, Unfinished, options.Node.ShutdownTimeout.TotalSeconds);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
