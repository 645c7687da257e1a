namespace Fuser.Kernels.Graphs;

/// <summary>
/// One value of a graph. It is defined exactly once (as an input of a graph or block, or as an output of a node) and every use
/// refers to the same object, so reference identity is value identity within a graph.
/// </summary>
public sealed class Value
{
    /// <summary>Creates a value.</summary>
    /// <param name="name">Name without the leading '%', unique in its graph.</param>
    /// <param name="type">Declared type; a plain <c>Tensor</c> when the text declared none.</param>
    /// <param name="position">Where the value is defined.</param>
    /// <exception cref="GraphException">The text format cannot write the name.</exception>
    public Value(string name, GraphType type, SourcePosition position = default)
    {
        ArgumentNullException.ThrowIfNull(type);
        Name = GraphNames.CheckWord(name, "the name of a value");
        Type = type;
        Position = position;
    }

    /// <summary>Name without the leading '%'.</summary>
    public string Name { get; }

    /// <summary>Declared type.</summary>
    public GraphType Type { get; }

    /// <summary>Where the value is defined; not part of a graph's equality.</summary>
    public SourcePosition Position { get; }

    /// <summary><c>%name : type</c>, as the text format writes a definition.</summary>
    public override string ToString() => $"%{Name} : {Type}";
}
