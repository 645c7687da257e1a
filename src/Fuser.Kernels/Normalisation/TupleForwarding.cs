using System.Collections.Immutable;
using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Normalisation;

/// <summary>An item taken from a tuple that was put together in the graph is the item: tuples do not change.</summary>
internal sealed class TupleForwarding : BlockRewriting
{
    private readonly Dictionary<Value, ImmutableArray<Value>> _tuples = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Value, long> _indices = new(ReferenceEqualityComparer.Instance);

    public static Graph Apply(Graph graph) => new TupleForwarding().Rewrite(graph);

    protected override void Append(List<Node> nodes, Node node)
    {
        if (node.Kind == "prim::TupleConstruct")
        {
            _tuples[node.Outputs[0]] = node.Inputs;
        }
        else if (node.IsConstant && node.Attribute("value") is IntConstant index)
        {
            _indices[node.Outputs[0]] = index.Value;
        }
        else if (node.Inputs is [var tuple, ..] && _tuples.TryGetValue(tuple, out var items))
        {
            if (node.Kind == "prim::TupleUnpack" && node.Outputs.Length == items.Length)
            {
                for (var i = 0; i < items.Length; i++)
                {
                    Forward(node.Outputs[i], items[i]);
                }

                return;
            }

            if (node is { Kind: "prim::TupleIndex", Inputs: [_, var position] } && _indices.TryGetValue(position, out var number)
                && number + (number < 0 ? items.Length : 0) is >= 0 and var at && at < items.Length)
            {
                Forward(node.Outputs[0], items[(int)at]);
                return;
            }
        }

        nodes.Add(node);
    }
}
