using Fuser.Kernels;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Inputs;

/// <summary>
/// Matches the values of the command line to the inputs of a graph. Count and kinds are checked before any file is opened, so that a
/// slip costs nothing.
/// </summary>
internal static class InputBinder
{
    /// <summary>The graph's inputs.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="texts">The values as given, in input order.</param>
    /// <param name="array">Makes an array of a text that is no number.</param>
    /// <exception cref="InputException">Their count or a kind differs from the graph's, or an array cannot be had.</exception>
    public static FuserValue[] Bind(Graph graph, IReadOnlyList<string> texts, Func<string, NdArray> array)
    {
        if (texts.Count != graph.Inputs.Length)
        {
            var wanted = string.Join(", ", graph.Inputs.Select(i => $"%{i.Name} : {Kind(i.Type)}"));
            throw new InputException(
                ErrorCodes.InputCount,
                $"the graph takes {graph.Inputs.Length} inputs ({wanted}), got {texts.Count}. Give one -i for each, in this order.");
        }

        var numbers = new FuserValue?[texts.Count];
        for (var i = 0; i < texts.Count; i++)
        {
            var isNumber = NumberText.TryParse(texts[i], out var number);
            numbers[i] = Check(graph.Inputs[i], i, texts[i], isNumber ? number : null);
        }

        return [.. texts.Select((text, i) => numbers[i] ?? array(text))];
    }

    private static FuserValue? Check(Value input, int index, string text, FuserValue? number)
    {
        var type = input.Type is OptionalType optional ? optional.Element : input.Type;
        var fits = (type, number?.Kind) switch
        {
            (TensorType, null) => true,
            (IntType, FuserValueKind.Integer) => true,
            (FloatType, FuserValueKind.Float or FuserValueKind.Integer) => true,
            (BoolType, FuserValueKind.Boolean) => true,
            (OpaqueType { Text: "Scalar" or "number" }, not null) => true,
            _ => false,
        };
        if (fits)
        {
            // Python converts an integer that is passed for a float.
            return type is FloatType && number?.Kind == FuserValueKind.Integer ? (FuserValue)number.Value.Float : number;
        }

        var wanted = type switch
        {
            TensorType => "an array: a .npy file",
            IntType => "an integer such as -3",
            FloatType => "a number such as 2.5",
            BoolType => "true or false",
            _ => "something that cannot be given on the command line; take that input out of the graph",
        };
        var got = number is { } given ? $"the {Name(given.Kind)} {text}" : $"'{text}', which is no number";
        throw new InputException(ErrorCodes.InputKind, $"input {index} (%{input.Name} : {Kind(input.Type)}) wants {wanted}; got {got}.");
    }

    // What a tensor type says about shapes and devices is of no matter here.
    private static string Kind(GraphType type) => type is TensorType ? "Tensor" : type.ToString();

    private static string Name(FuserValueKind kind) => kind switch
    {
        FuserValueKind.Integer => "integer",
        FuserValueKind.Float => "float",
        _ => "truth value",
    };
}
