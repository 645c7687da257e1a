using Fuser.Actors;
using Fuser.Kernels;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Fuser.Host.Node;

/// <summary>Alive: the actor system answers.</summary>
internal sealed class ActorsAnswer(IFuser fuser) : IHealthCheck
{
    /// <summary>Checks of this tag say whether the process should be restarted.</summary>
    public const string Live = "live";

    /// <summary>Checks of this tag say whether requests should come here.</summary>
    public const string Ready = "ready";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            await fuser.GetStatisticsAsync(limit.Token).ConfigureAwait(false);
            return HealthCheckResult.Healthy("the actors answer");
        }
        catch (FuserException error)
        {
            return HealthCheckResult.Unhealthy($"the actors do not answer: {error.Message}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"the actors did not answer in {Patience.TotalSeconds} s");
        }
    }
}

/// <summary>Ready: there is a device to run on.</summary>
internal sealed class DeviceIsUsable(IFuser fuser) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var devices = await fuser.GetDevicesAsync(cancellationToken).ConfigureAwait(false);
        var usable = devices.Where(device => device.IsAvailable).Select(device => device.Name).ToList();
        return usable.Count > 0 ? HealthCheckResult.Healthy(string.Join(", ", usable)) : HealthCheckResult.Unhealthy("there is no device to run on");
    }
}

/// <summary>Ready: new work is taken.</summary>
internal sealed class NodeTakesWork(FuserNode node) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(node.Gate.IsDraining ? HealthCheckResult.Unhealthy("the node is shutting down") : HealthCheckResult.Healthy("work is taken"));
}
