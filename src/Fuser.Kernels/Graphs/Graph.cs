using System.Collections.Immutable;
using Fuser.Kernels.Graphs.Text;

namespace Fuser.Kernels.Graphs;

/// <summary>
/// A tensor program in static single assignment form: immutable, typed, and printable as TorchScript IR text.
/// Two graphs are equal when their texts are, positions aside.
/// </summary>
public sealed class Graph : IEquatable<Graph>
{
    private readonly Dictionary<string, Graph> _bodies;

    /// <summary>Creates a graph. Nothing is checked here; <see cref="GraphValidator"/> says whether it is well formed.</summary>
    public Graph(
        ImmutableArray<Value> inputs,
        ImmutableArray<Node> nodes,
        ImmutableArray<Value> outputs,
        ImmutableArray<Subgraph> subgraphs = default)
    {
        Inputs = inputs.OrEmpty();
        Nodes = nodes.OrEmpty();
        Outputs = outputs.OrEmpty();
        Subgraphs = subgraphs.OrEmpty();
        _bodies = new Dictionary<string, Graph>(Subgraphs.Length, StringComparer.Ordinal);
        foreach (var (name, body) in Subgraphs)
        {
            _bodies.TryAdd(name, body);
        }
    }

    /// <summary>Inputs in call order.</summary>
    public ImmutableArray<Value> Inputs { get; }

    /// <summary>Nodes in order of evaluation: every value is defined before it is used.</summary>
    public ImmutableArray<Node> Nodes { get; }

    /// <summary>Returned values in order.</summary>
    public ImmutableArray<Value> Outputs { get; }

    /// <summary>Bodies of the fusion groups among <see cref="Nodes"/>, in order of first use.</summary>
    public ImmutableArray<Subgraph> Subgraphs { get; }

    /// <summary>The body that nodes of this kind call, or null when the graph holds none.</summary>
    public Graph? FindSubgraph(string kind) => _bodies.GetValueOrDefault(kind);

    /// <summary>Structural equality: names, types, attributes, comments and order; not positions.</summary>
    public bool Equals(Graph? other) => other is not null && (ReferenceEquals(this, other) || GraphEquality.AreEqual(this, other));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Graph);

    /// <summary>The graph as TorchScript IR text.</summary>
    public override string ToString() => GraphText.Print(this);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        // Types and blocks are left out: graphs that differ in nothing else are few.
        var hash = new HashCode();
        hash.Add(Inputs.Length);
        hash.Add(Outputs.Length);
        foreach (var node in Nodes)
        {
            hash.Add(node.Kind);
            foreach (var input in node.Inputs)
            {
                hash.Add(input.Name);
            }

            foreach (var attribute in node.Attributes)
            {
                hash.Add(attribute);
            }
        }

        return hash.ToHashCode();
    }
}
