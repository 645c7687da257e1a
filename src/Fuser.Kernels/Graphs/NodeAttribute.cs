namespace Fuser.Kernels.Graphs;

/// <summary>A named constant written into a node, such as <c>chunks=4</c>.</summary>
/// <param name="Name">Attribute name.</param>
/// <param name="Value">Its value.</param>
public sealed record NodeAttribute(string Name, ConstantValue Value)
{
    /// <summary>Attribute name, a word.</summary>
    /// <exception cref="GraphException">The text format cannot write the name.</exception>
    public string Name { get; } = GraphNames.CheckWord(Name, "the name of an attribute");
}
