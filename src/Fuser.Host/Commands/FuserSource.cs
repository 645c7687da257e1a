using Fuser.Actors;
using Fuser.Host.Cluster;
using Fuser.Host.Configuration;

namespace Fuser.Host.Commands;

/// <summary>What a verb runs graphs on: a system in this process, or a cluster.</summary>
internal static class FuserSource
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(15);

    /// <param name="cluster">Address of a broker; null for this process.</param>
    public static async ValueTask<IFuser> OpenAsync(string? cluster, CancellationToken cancellationToken) => cluster is null
        ? await FuserSystem.StartAsync(null, cancellationToken).ConfigureAwait(false)
        : await ConnectAsync(cluster, cancellationToken).ConfigureAwait(false);

    /// <exception cref="HostException">The broker cannot be reached, or a setting is wrong.</exception>
    public static async ValueTask<FuserCluster> ConnectAsync(string cluster, CancellationToken cancellationToken)
    {
        var environment = HostConfiguration.ProcessEnvironment();
        var options = HostConfiguration.Load(null, environment, [($"{SettingName.Root}:cluster:uri", cluster, "--cluster")]).Cluster;
        return await FuserCluster.ConnectAsync(options, environment, ConnectPatience, cancellationToken).ConfigureAwait(false);
    }
}
