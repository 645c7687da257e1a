using System.Collections.Immutable;
using Fuser.Host.Cluster.Wire;

namespace Fuser.Host.Cluster;

/// <summary>The nodes that have announced themselves, those that stopped or fell silent included, for a while. Bounded, as anyone with a login can announce.</summary>
internal sealed class NodeRoster(TimeSpan interval, TimeProvider time)
{
    private const int MostNodes = 10_000;

    /// <summary>Intervals of silence after which a node counts as lost.</summary>
    private const int Missed = 3;

    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _nodes = new(StringComparer.Ordinal);

    /// <summary>Every node that is known, by name, each with its state as of now.</summary>
    public ImmutableArray<Announcement> All
    {
        get
        {
            lock (_lock)
            {
                Forget();
                return [.. _nodes.Values.Select(AsOfNow).OrderBy(node => node.Name, StringComparer.Ordinal).ThenBy(node => node.Started)];
            }
        }
    }

    /// <summary>Takes an announcement in. One that was passed on counts as old as it says.</summary>
    public void Heard(Announcement announcement)
    {
        if (announcement.Version != WireFormat.Version || announcement.Id.Length is 0 or > 64 || announcement.Name.Length > 64)
        {
            return; // of a product that came later, or nonsense: nothing depends on it
        }

        var heard = time.GetUtcNow() - TimeSpan.FromMilliseconds(Math.Clamp(announcement.Age, 0, (long)Remembered.TotalMilliseconds));
        lock (_lock)
        {
            if (_nodes.TryGetValue(announcement.Id, out var known) && (known.Heard > heard || known.Announcement.State == NodeState.Stopped))
            {
                return;
            }

            if (_nodes.Count >= MostNodes)
            {
                Forget();
            }

            if (known is not null || _nodes.Count < MostNodes)
            {
                _nodes[announcement.Id] = new Entry(announcement, heard);
            }
        }
    }

    private Announcement AsOfNow(Entry entry)
    {
        var age = time.GetUtcNow() - entry.Heard;
        var node = entry.Announcement.Clone();
        node.Age = (long)age.TotalMilliseconds;
        if (node.State is NodeState.Ready or NodeState.Draining && age > interval * Missed)
        {
            node.State = NodeState.Lost;
        }

        return node;
    }

    private void Forget()
    {
        var now = time.GetUtcNow();
        foreach (var (id, _) in _nodes.Where(node => now - node.Value.Heard > Remembered).ToList())
        {
            _nodes.Remove(id);
        }
    }

    private sealed record Entry(Announcement Announcement, DateTimeOffset Heard);
}
