using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Normalisation;

/// <summary>
/// Shares equal nodes, constants among them; in a block also with what is computed before it. Random operations are never shared, because
/// each draws its own numbers, nor are nodes with blocks or effects, nor, where lists are changed in place, whatever has to do with lists.
/// </summary>
internal sealed class CommonSubexpressions
{
    private readonly GraphRewriter _rewriter = new();
    private readonly Dictionary<NodeIdentity, ImmutableArray<Value>> _known = [];
    private readonly ValueTypes _types;
    private readonly bool _listsChange;

    private CommonSubexpressions(Graph graph)
    {
        _types = ValueTypes.Of(graph);
        _listsChange = ListsChange(graph.Nodes);
    }

    public static Graph Apply(Graph graph)
    {
        var sharing = new CommonSubexpressions(graph);
        return new Graph(graph.Inputs, sharing.Share(graph.Nodes), sharing._rewriter.Map(graph.Outputs));
    }

    private ImmutableArray<Node> Share(ImmutableArray<Node> source)
    {
        var nodes = ImmutableArray.CreateBuilder<Node>(source.Length);
        var added = new List<NodeIdentity>();
        foreach (var original in source)
        {
            // Blocks first: their nodes are replaced by what stands before, and their own are forgotten after.
            var node = original.Blocks.IsEmpty ? _rewriter.Map(original) : MapBlocks(original);
            if (!IsShareable(node, original))
            {
                nodes.Add(node);
                continue;
            }

            var identity = new NodeIdentity(node);
            if (_known.TryGetValue(identity, out var outputs))
            {
                for (var i = 0; i < outputs.Length; i++)
                {
                    _rewriter.Replace(node.Outputs[i], outputs[i]);
                }
            }
            else
            {
                _known.Add(identity, node.Outputs);
                added.Add(identity);
                nodes.Add(node);
            }
        }

        added.ForEach(identity => _known.Remove(identity));
        return nodes.DrainToImmutable();
    }

    private Node MapBlocks(Node node)
    {
        var blocks = ImmutableArray.CreateRange(node.Blocks, block => new Block(block.Inputs, Share(block.Nodes), _rewriter.Map(block.Outputs)));
        return new Node(node.Kind, _rewriter.Map(node.Inputs), node.Outputs, node.Attributes, blocks, node.SourceComment, node.Scope, node.Position);
    }

    private bool IsShareable(Node node, Node original) =>
        node.Blocks.IsEmpty
        && OperationCatalogue.Find(node.Kind) is not { IsRandom: true }
        && !ValueOperations.HasEffect(original, _types)
        && !(_listsChange && (original.Inputs.Any(HoldsValues) || original.Outputs.Any(HoldsValues)));

    private bool HoldsValues(Value value) => _types[value] is ListType or TupleType or OptionalType or OpaqueType;

    private bool ListsChange(ImmutableArray<Node> nodes) =>
        nodes.Any(node => ValueOperations.IsMutation(node, _types) || node.Blocks.Any(block => ListsChange(block.Nodes)));

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
