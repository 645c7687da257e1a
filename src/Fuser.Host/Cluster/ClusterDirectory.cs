using Fuser.Host.Http;

namespace Fuser.Host.Cluster;

/// <summary>The nodes that have announced themselves, this one included.</summary>
internal sealed class ClusterDirectory(NodeRoster roster) : INodeDirectory
{
    public ValueTask<IReadOnlyList<NodeContract>> NodesAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<NodeContract>>(
    [
        .. roster.All.Select(node => new NodeContract(
            node.Id,
            node.Name,
            node.Product,
            node.State.ToString().ToLowerInvariant(),
            node.Addresses,
            DateTimeOffset.FromUnixTimeMilliseconds(node.Started),
            node.Devices,
            new LoadContract(node.Open, node.Running, node.Waiting, node.Capacity, node.MemoryUsed, node.MemoryLimit))),
    ]);
}
