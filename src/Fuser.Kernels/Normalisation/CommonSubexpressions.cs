using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Normalisation;

/// <summary>
/// Shares equal nodes, constants among them. Random operations are never shared, because each draws its own numbers, nor are nodes with blocks.
/// </summary>
internal static class CommonSubexpressions
{
    public static Graph Apply(Graph graph)
    {
        var rewriter = new GraphRewriter();
        var known = new Dictionary<NodeIdentity, ImmutableArray<Value>>();
        var nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
        foreach (var original in graph.Nodes)
        {
            var node = rewriter.Map(original);
            if (!node.Blocks.IsEmpty || OperationCatalogue.Find(node.Kind) is { IsRandom: true })
            {
                nodes.Add(node);
                continue;
            }

            var identity = new NodeIdentity(node);
            if (known.TryGetValue(identity, out var outputs))
            {
                for (var i = 0; i < outputs.Length; i++)
                {
                    rewriter.Replace(node.Outputs[i], outputs[i]);
                }
            }
            else
            {
                known.Add(identity, node.Outputs);
                nodes.Add(node);
            }
        }

        return new Graph(graph.Inputs, nodes.DrainToImmutable(), rewriter.Map(graph.Outputs));
    }

    /// <summary>Kind, operands (by identity), attributes and number of outputs. A constant's type tells True from 1 and None from nothing.</summary>
    private readonly struct NodeIdentity(Node node) : IEquatable<NodeIdentity>
    {
        private readonly Node _node = node;

        public bool Equals(NodeIdentity other) =>
            _node.Kind == other._node.Kind
            && _node.Outputs.Length == other._node.Outputs.Length
            && _node.Attributes.AsSpan().SequenceEqual(other._node.Attributes.AsSpan())
            && SameOperands(_node.Inputs, other._node.Inputs)
            && (!_node.IsConstant || _node.Outputs[0].Type.Equals(other._node.Outputs[0].Type));

        public override bool Equals(object? obj) => obj is NodeIdentity other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(_node.Kind);
            foreach (var input in _node.Inputs)
            {
                hash.Add(System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(input));
            }

            foreach (var attribute in _node.Attributes)
            {
                hash.Add(attribute);
            }

            return hash.ToHashCode();
        }

        private static bool SameOperands(ImmutableArray<Value> a, ImmutableArray<Value> b)
        {
            if (a.Length != b.Length)
            {
                return false;
            }

            for (var i = 0; i < a.Length; i++)
            {
                if (!ReferenceEquals(a[i], b[i]))
                {
                    return false;
                }
            }

            return true;
        }
    }
}
