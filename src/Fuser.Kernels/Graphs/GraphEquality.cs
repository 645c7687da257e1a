using System.Collections.Immutable;

namespace Fuser.Kernels.Graphs;

/// <summary>Walks two graphs side by side. Values correspond by their place of definition and must agree in name and type.</summary>
internal sealed class GraphEquality
{
    private readonly Dictionary<Value, Value> _counterpart = new(ReferenceEqualityComparer.Instance);

    private GraphEquality()
    {
    }

    public static bool AreEqual(Graph left, Graph right)
    {
        var walk = new GraphEquality();
        return walk.Define(left.Inputs, right.Inputs)
            && walk.Nodes(left.Nodes, right.Nodes)
            && walk.Uses(left.Outputs, right.Outputs)
            && Subgraphs(left.Subgraphs, right.Subgraphs);
    }

    private static bool Subgraphs(ImmutableArray<Subgraph> left, ImmutableArray<Subgraph> right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        for (var i = 0; i < left.Length; i++)
        {
            if (left[i].Name != right[i].Name || !AreEqual(left[i].Body, right[i].Body))
            {
                return false;
            }
        }

        return true;
    }

    private bool Nodes(ImmutableArray<Node> left, ImmutableArray<Node> right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        for (var i = 0; i < left.Length; i++)
        {
            if (!NodePair(left[i], right[i]))
            {
                return false;
            }
        }

        return true;
    }

    private bool NodePair(Node left, Node right)
        => left.Kind == right.Kind
        && left.SourceComment == right.SourceComment
        && left.Scope == right.Scope
        && left.Attributes.AsSpan().SequenceEqual(right.Attributes.AsSpan())
        && Uses(left.Inputs, right.Inputs)
        && Blocks(left.Blocks, right.Blocks)
        && Define(left.Outputs, right.Outputs);

    private bool Blocks(ImmutableArray<Block> left, ImmutableArray<Block> right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        for (var i = 0; i < left.Length; i++)
        {
            if (!Define(left[i].Inputs, right[i].Inputs)
                || !Nodes(left[i].Nodes, right[i].Nodes)
                || !Uses(left[i].Outputs, right[i].Outputs))
            {
                return false;
            }
        }

        return true;
    }

    private bool Define(ImmutableArray<Value> left, ImmutableArray<Value> right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        for (var i = 0; i < left.Length; i++)
        {
            if (left[i].Name != right[i].Name || !left[i].Type.Equals(right[i].Type))
            {
                return false;
            }

            _counterpart[left[i]] = right[i];
        }

        return true;
    }

    private bool Uses(ImmutableArray<Value> left, ImmutableArray<Value> right)
    {
        if (left.Length != right.Length)
        {
            return false;
        }

        for (var i = 0; i < left.Length; i++)
        {
            if (!_counterpart.TryGetValue(left[i], out var expected) || !ReferenceEquals(expected, right[i]))
            {
                return false;
            }
        }

        return true;
    }
}
