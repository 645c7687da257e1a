using System.Collections.Immutable;
using Fuser.Host.Configuration;

namespace Fuser.Host.Node;

/// <summary>The graphs a node holds, by key. When there are too many, those go that were not used for the longest time; their callers register them again.</summary>
internal sealed class GraphRegistry(LimitOptions limits)
{
    /// <summary>Bytes that a graph takes, parsed and normalised, for a character of its text.</summary>
    private const int BytesPerCharacter = 25;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<NodeGraph>> _byKey = new(StringComparer.Ordinal);

    // The most recently used first.
    private readonly LinkedList<NodeGraph> _byUse = new();
    private long _textLength;
    private long _evicted;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _byKey.Count;
            }
        }
    }

    /// <summary>Memory that the graphs take.</summary>
    public long EstimatedBytes => Interlocked.Read(ref _textLength) * BytesPerCharacter;

    /// <summary>Graphs that made room since the start.</summary>
    public long Evicted => Interlocked.Read(ref _evicted);

    /// <summary>Every graph, the most recently used first.</summary>
    public ImmutableArray<NodeGraph> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _byUse];
            }
        }
    }

    /// <summary>A graph, and that it was used just now; null when it is not there.</summary>
    public NodeGraph? Find(string key)
    {
        lock (_lock)
        {
            if (!_byKey.TryGetValue(key, out var known))
            {
                return null;
            }

            _byUse.Remove(known);
            _byUse.AddFirst(known);
            return known.Value;
        }
    }

    /// <summary>Adds a graph unless its key is there.</summary>
    /// <returns>The graph that is there now, and whether it is the new one.</returns>
    public (NodeGraph Graph, bool IsNew) Add(NodeGraph graph)
    {
        lock (_lock)
        {
            if (Find(graph.Key) is { } known)
            {
                return (known, false);
            }

            _byKey.Add(graph.Key, _byUse.AddFirst(graph));
            _textLength += graph.Text.Length;
            while (_byUse.Count > 1 && (_byUse.Count > limits.MaxGraphs || _textLength > limits.MaxGraphTextBytes))
            {
                Drop(_byUse.Last!);
                Interlocked.Increment(ref _evicted);
            }

            return (graph, true);
        }
    }

    /// <summary>Forgets graphs until so many bytes are free, or the one that was used last is left.</summary>
    public void Free(long bytes)
    {
        lock (_lock)
        {
            for (var wanted = EstimatedBytes - bytes; _byUse.Count > 1 && EstimatedBytes > wanted;)
            {
                Drop(_byUse.Last!);
                Interlocked.Increment(ref _evicted);
            }
        }
    }

    /// <summary>Forgets a graph. Runs of it go on.</summary>
    /// <returns>Whether it was there.</returns>
    public bool Remove(string key)
    {
        lock (_lock)
        {
            if (!_byKey.TryGetValue(key, out var known))
            {
                return false;
            }

            Drop(known);
            return true;
        }
    }

    private void Drop(LinkedListNode<NodeGraph> graph)
    {
        _byUse.Remove(graph);
        _byKey.Remove(graph.Value.Key);
        _textLength -= graph.Value.Text.Length;
    }
}
