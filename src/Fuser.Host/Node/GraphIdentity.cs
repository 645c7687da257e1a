using System.Security.Cryptography;
using System.Text;
using Fuser.Kernels.Graphs;

namespace Fuser.Host.Node;

/// <summary>
/// The key of a registered graph: the same for graphs that compute the same from inputs of the same names and kinds, whatever their inner names, comments
/// and dead code. What the text says about shapes is no part of it, because it decides nothing.
/// </summary>
internal static class GraphIdentity
{
    /// <summary>32 hexadecimal digits.</summary>
    /// <param name="normalisedKey">Key of the normalised graph, which knows nothing of the inputs' names and types.</param>
    public static string KeyOf(Graph graph, string normalisedKey)
    {
        var text = new StringBuilder(normalisedKey);
        foreach (var input in graph.Inputs)
        {
            text.Append('\n').Append(input.Name).Append(" : ").Append(KindOf(input.Type));
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())).AsSpan(0, 16));
    }

    /// <summary>A type without what it says about shapes.</summary>
    public static string KindOf(GraphType type) => type switch
    {
        TensorType => "Tensor",
        OptionalType { Element: TensorType } => "Tensor?",
        _ => type.ToString(),
    };

    /// <summary>Kinds of what a run returns: tuples are flattened.</summary>
    public static IEnumerable<string> OutputKinds(Graph graph) => graph.Outputs.SelectMany(output => Flatten(output.Type)).Select(KindOf);

    private static IEnumerable<GraphType> Flatten(GraphType type) => type is TupleType tuple ? tuple.Elements.SelectMany(Flatten) : [type];
}
