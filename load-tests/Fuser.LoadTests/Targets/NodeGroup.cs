namespace Fuser.LoadTests.Targets;

/// <summary>Nodes of one cluster, each a process, which may be killed and started again.</summary>
internal sealed class NodeGroup : IAsyncDisposable
{
    private readonly string _broker;
    private readonly NodeProcess?[] _nodes;

    private NodeGroup(int count, string broker) => (_nodes, _broker) = (new NodeProcess?[count], broker);

    public int Count => _nodes.Length;

    public static async Task<NodeGroup> StartAsync(int count, string broker)
    {
        var group = new NodeGroup(count, broker);
        try
        {
            for (var i = 0; i < count; i++)
            {
                await group.StartAsync(i).ConfigureAwait(false);
            }

            return group;
        }
        catch
        {
            await group.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>A node that runs.</summary>
    public NodeProcess Node(int number) => _nodes[number] ?? throw new InvalidOperationException($"node {number} was killed and not started again");

    /// <summary>Starts a node that does not run.</summary>
    public async Task StartAsync(int number) => _nodes[number] = await NodeProcess.StartAsync($"node-{number}", _broker, null, "fuser.cluster.heartbeat=1s").ConfigureAwait(false);

    /// <summary>Ends a node as a power cut would.</summary>
    public async Task KillAsync(int number)
    {
        if (_nodes[number] is { } node)
        {
            _nodes[number] = null;
            await node.DisposeAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < _nodes.Length; i++)
        {
            await KillAsync(i).ConfigureAwait(false);
        }
    }
}
