using Fuser.Host.Node;

namespace Fuser.Host.Http;

/// <summary>The nodes that are known.</summary>
internal interface INodeDirectory
{
    ValueTask<IReadOnlyList<NodeContract>> NodesAsync(CancellationToken cancellationToken);
}

/// <summary>A node that knows only itself.</summary>
internal sealed class SingleNodeDirectory(FuserNode node, Func<IEnumerable<string>> addresses) : INodeDirectory
{
    public async ValueTask<IReadOnlyList<NodeContract>> NodesAsync(CancellationToken cancellationToken)
    {
        var devices = await node.Fuser.GetDevicesAsync(cancellationToken).ConfigureAwait(false);
        return
        [
            new NodeContract(
                node.Id,
                node.Name,
                FuserNode.Version,
                node.Gate.IsDraining ? "draining" : "ready",
                addresses(),
                node.Started,
                devices.Where(device => device.IsAvailable).Select(device => device.Name),
                Load(node)),
        ];
    }

    public static LoadContract Load(FuserNode node) => new(
        node.Gate.Open,
        node.Gate.Running,
        node.Gate.Waiting,
        node.Limits.MaxConcurrent + node.Limits.MaxQueue,
        node.Gate.Memory.Used,
        node.Gate.Memory.Limit);
}
