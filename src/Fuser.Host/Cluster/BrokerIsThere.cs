using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Fuser.Host.Cluster;

/// <summary>Ready: the broker is there. Without it a node is degraded and not dead: it still serves HTTP, and nobody gains by its restart.</summary>
internal sealed class BrokerIsThere(LinkStatus status) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var now = status.Now;
        return Task.FromResult(now.State == LinkState.Connected
            ? HealthCheckResult.Healthy($"connected since {now.Since:O}")
            : HealthCheckResult.Degraded($"the broker is away since {now.Since:O}: {now.Problem ?? "not reached yet"}"));
    }
}
