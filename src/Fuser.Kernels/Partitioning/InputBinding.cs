using Fuser.Kernels.Graphs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Partitioning;

/// <summary>Checks the arguments of a call against the inputs a graph declares.</summary>
internal static class InputBinding
{
    public static void Check(Graph graph, ReadOnlySpan<FuserValue> inputs)
    {
        if (inputs.Length != graph.Inputs.Length)
        {
            throw new InputException(ErrorCodes.InputCount, $"got {inputs.Length} inputs, the graph wants {graph.Inputs.Length} ({string.Join(", ", graph.Inputs.Select(input => input.ToString()))})");
        }

        for (var i = 0; i < inputs.Length; i++)
        {
            if (!Fits(graph.Inputs[i].Type, inputs[i].Kind))
            {
                throw new InputException(ErrorCodes.InputKind, $"input {i} ({graph.Inputs[i]}) got {inputs[i]}; pass {(graph.Inputs[i].Type.IsScalar ? "a number" : "an array")}");
            }
        }
    }

    /// <summary>Ints are accepted for floats, as Python does; an input whose type the text does not say takes an array.</summary>
    private static bool Fits(GraphType type, FuserValueKind kind) => type switch
    {
        IntType => kind is FuserValueKind.Integer or FuserValueKind.Boolean,
        FloatType => kind is FuserValueKind.Float or FuserValueKind.Integer,
        BoolType => kind is FuserValueKind.Boolean,
        TensorType => kind is FuserValueKind.Array,
        OptionalType optional => Fits(optional.Element, kind),
        _ => false,
    };
}
