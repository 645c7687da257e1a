using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Normalisation;

/// <summary>
/// Traced graphs carry sizes as tensors (<c>aten::Int(prim::NumToTensor(%n))</c>). A number that becomes a tensor to be read as a
/// number is the number.
/// </summary>
internal sealed class NumberTensors : BlockRewriting
{
    private readonly Dictionary<Value, Value> _numbers = new(ReferenceEqualityComparer.Instance);

    public static Graph Apply(Graph graph) => new NumberTensors().Rewrite(graph);

    protected override void Append(List<Node> nodes, Node node)
    {
        if (node is { Kind: "prim::NumToTensor", Inputs: [var number] })
        {
            _numbers[node.Outputs[0]] = number;
        }
        else if (node.Inputs is [var tensor] && _numbers.TryGetValue(tensor, out var known))
        {
            if (node.Kind is "aten::item" or "aten::ScalarImplicit" or "aten::_local_scalar_dense")
            {
                Forward(node.Outputs[0], known);
                return;
            }

            if (node.Kind is "aten::Int" or "aten::Float" or "aten::Bool" or "aten::IntImplicit" or "aten::FloatImplicit")
            {
                Changed = true;
                nodes.Add(new Node(node.Kind, [known], node.Outputs, position: node.Position));
                return;
            }
        }

        nodes.Add(node);
    }
}
