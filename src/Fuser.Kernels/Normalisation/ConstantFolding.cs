using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Normalisation;

/// <summary>
/// Computes arithmetic on literal numbers now, with the code that would compute it at the call. Tensors are not touched: a product of two
/// constants inside a kernel is folded by the IR builder, in the type it is computed in.
/// </summary>
internal static class ConstantFolding
{
    public static Graph Apply(Graph graph)
    {
        var known = new Dictionary<Value, FuserValue>(ReferenceEqualityComparer.Instance);
        return new Graph(graph.Inputs, Fold(graph.Nodes, known), graph.Outputs);
    }

    private static ImmutableArray<Node> Fold(ImmutableArray<Node> source, Dictionary<Value, FuserValue> known)
    {
        var nodes = source.ToBuilder();
        for (var i = 0; i < nodes.Count; i++)
        {
            if (TryEvaluate(nodes[i], known) is { } result)
            {
                known[nodes[i].Outputs[0]] = result;
                nodes[i] = ConstantNode(nodes[i], result);
            }
            else if (!nodes[i].Blocks.IsEmpty)
            {
                nodes[i] = nodes[i].WithBlocks(ImmutableArray.CreateRange(nodes[i].Blocks, block => new Block(block.Inputs, Fold(block.Nodes, known), block.Outputs)));
            }
        }

        return nodes.ToImmutable();
    }

    private static FuserValue? TryEvaluate(Node node, Dictionary<Value, FuserValue> known)
    {
        if (node.IsConstant)
        {
            return node.Attribute("value") switch
            {
                IntConstant constant => constant.Value,
                FloatConstant constant => constant.Value,
                BoolConstant constant => constant.Value,
                _ => null,
            };
        }

        if (node.Outputs.Length != 1 || !ScalarOperations.Has(node.Kind, node.Inputs.Length))
        {
            return null;
        }

        var arguments = new FuserValue[node.Inputs.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            if (!known.TryGetValue(node.Inputs[i], out arguments[i]))
            {
                return null;
            }
        }

        try
        {
            return ScalarOperations.Evaluate(node.Kind, arguments);
        }
        catch (InputException)
        {
            return null; // a division by zero fails at the call, with its place, if anything needs it
        }
    }

    private static Node ConstantNode(Node node, FuserValue value)
    {
        ConstantValue constant = value.Kind switch
        {
            FuserValueKind.Integer => new IntConstant(value.Integer),
            FuserValueKind.Boolean => new BoolConstant(value.Integer != 0),
            _ => new FloatConstant(value.Float),
        };
        return new Node("prim::Constant", [], node.Outputs, [new NodeAttribute("value", constant)], position: node.Position);
    }
}
