namespace Fuser.Kernels.Graphs.Text;

/// <summary>
/// What a graph text may cost. Every limit is checked before the memory is taken. The defaults hold graphs a hundred times larger
/// than the largest model step we have seen, and keep a hostile text below 200 MB and one second.
/// </summary>
public sealed record GraphTextLimits
{
    /// <summary>The defaults.</summary>
    public static GraphTextLimits Default { get; } = new();

    /// <summary>Length of the text in characters, and of a file in bytes. 8 Mi.</summary>
    public int MaxCharacters { get; init; } = 8 * 1024 * 1024;

    /// <summary>Nodes in all graphs, blocks and subgraphs together.</summary>
    public int MaxNodes { get; init; } = 100_000;

    /// <summary>Definitions of values and items of literals, in all graphs together.</summary>
    public int MaxValues { get; init; } = 500_000;

    /// <summary>Entries of one list: inputs, outputs, operands, attributes, items of a literal.</summary>
    public int MaxListLength { get; init; } = 65_536;

    /// <summary>Depth of blocks, subgraphs, types and literals within each other.</summary>
    public int MaxNesting { get; init; } = 64;

    /// <summary>Characters of one name, kind, type name or number.</summary>
    public int MaxNameLength { get; init; } = 1024;

    /// <summary>Characters of one string, comment or literal that is kept as text.</summary>
    public int MaxStringLength { get; init; } = 65_536;

    /// <summary>Subgraphs (<c>with ... = graph(...)</c>) in one text.</summary>
    public int MaxSubgraphs { get; init; } = 10_000;
}
