using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Normalisation;

/// <summary>
/// Renumbers values, erases what says nothing about the meaning (names, tensor types, comments, positions stay only for errors),
/// and puts each constant in front of its first use, so that where it stood does not matter.
/// </summary>
internal sealed class CanonicalNames
{
    private readonly GraphRewriter _rewriter = new();
    private readonly Dictionary<Value, Node> _constants = new(ReferenceEqualityComparer.Instance);
    private int _count;

    public static Graph Apply(Graph graph) => new CanonicalNames().Rename(graph);

    private Graph Rename(Graph graph)
    {
        var inputs = Define(graph.Inputs);
        var nodes = Rename(graph.Nodes, graph.Outputs);
        return new Graph(inputs, nodes, _rewriter.Map(graph.Outputs));
    }

    private ImmutableArray<Node> Rename(ImmutableArray<Node> source, ImmutableArray<Value> outputs)
    {
        var nodes = ImmutableArray.CreateBuilder<Node>(source.Length);
        foreach (var node in source)
        {
            if (node.IsConstant)
            {
                _constants[node.Outputs[0]] = node;
                continue;
            }

            PlaceConstants(nodes, node.Inputs);
            PlaceConstantsOfBlocks(nodes, node);
            var blocks = ImmutableArray.CreateRange(node.Blocks, block =>
            {
                var inputs = Define(block.Inputs);
                var inner = Rename(block.Nodes, block.Outputs);
                return new Block(inputs, inner, _rewriter.Map(block.Outputs));
            });
            nodes.Add(new Node(node.Kind, _rewriter.Map(node.Inputs), Define(node.Outputs), node.Attributes, blocks, position: node.Position));
        }

        PlaceConstants(nodes, outputs);
        return nodes.ToImmutable();
    }

    private void PlaceConstants(ImmutableArray<Node>.Builder nodes, ImmutableArray<Value> uses)
    {
        foreach (var use in uses)
        {
            if (_constants.Remove(use, out var constant))
            {
                nodes.Add(new Node(constant.Kind, [], Define(constant.Outputs, TypeOf(constant)), constant.Attributes, position: constant.Position));
            }
        }
    }

    /// <summary>A constant from outside a block is placed before the block's node, because later nodes may use it too.</summary>
    private void PlaceConstantsOfBlocks(ImmutableArray<Node>.Builder nodes, Node node)
    {
        foreach (var block in node.Blocks)
        {
            foreach (var inner in block.Nodes)
            {
                PlaceConstants(nodes, inner.Inputs);
                PlaceConstantsOfBlocks(nodes, inner);
            }

            PlaceConstants(nodes, block.Outputs);
        }
    }

    /// <summary>The type of a constant tensor is part of its value; of the type only the dtype is kept.</summary>
    private static GraphType? TypeOf(Node constant) => constant.Attribute("value") is TensorConstant tensor
        ? TensorType.Of(ConstantTypes.DTypeOf(constant.Outputs[0].Type, tensor))
        : null;

    private ImmutableArray<Value> Define(ImmutableArray<Value> values, GraphType? type = null)
    {
        var defined = ImmutableArray.CreateRange(values, value => new Value(Next(), type ?? Erase(value.Type), value.Position));
        for (var i = 0; i < values.Length; i++)
        {
            _rewriter.Replace(values[i], defined[i]);
        }

        return defined;
    }

    private string Next() => (_count++).ToString();

    private static GraphType Erase(GraphType type) => type switch
    {
        TensorType => GraphType.Tensor,
        ListType list => new ListType(Erase(list.Element)),
        OptionalType optional => new OptionalType(Erase(optional.Element)),
        TupleType tuple => new TupleType(ImmutableArray.CreateRange(tuple.Elements, Erase)),
        _ => type,
    };
}
