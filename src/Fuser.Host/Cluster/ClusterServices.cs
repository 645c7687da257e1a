using Fuser.Host.Configuration;
using Fuser.Host.Http;
using Fuser.Host.Node;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using HostOptions = Fuser.Host.Configuration.HostOptions;

namespace Fuser.Host.Cluster;

/// <summary>The parts that make a node one of a cluster.</summary>
internal static class ClusterServices
{
    /// <param name="addresses">Where the node listens, once it does.</param>
    public static void AddClusterNode(this IServiceCollection services, HostOptions options, IReadOnlyDictionary<string, string> environment, Func<IServiceProvider, IReadOnlyCollection<string>> addresses)
    {
        services.AddSingleton<LinkStatus>();
        services.AddSingleton(provider => new NodeRoster(options.Cluster.PresenceInterval, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new HeldArrays(options.Cluster, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(_ => TensorTransfer.CreateClient());
        services.AddSingleton(provider => new TensorTransfer(
            options.Cluster,
            provider.GetRequiredService<HeldArrays>(),
            provider.GetRequiredService<HttpClient>(),
            () => Reached(options.Cluster, addresses(provider)).First()));
        services.AddSingleton(provider => new ClusterNode(
            provider.GetRequiredService<FuserNode>(),
            options,
            provider.GetRequiredService<TensorTransfer>(),
            provider.GetRequiredService<LinkStatus>(),
            provider.GetRequiredService<NodeRoster>(),
            environment,
            () => Reached(options.Cluster, addresses(provider)),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<ClusterNode>());
        services.AddSingleton<ArrayEndpoints>();
        services.AddSingleton<INodeDirectory, ClusterDirectory>();
    }

    private static IReadOnlyCollection<string> Reached(ClusterOptions options, IReadOnlyCollection<string> listening) =>
        options.AdvertiseUrl is { } url ? [url.TrimEnd('/')] : listening;
}
