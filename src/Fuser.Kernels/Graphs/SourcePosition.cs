namespace Fuser.Kernels.Graphs;

/// <summary>A place in a graph text. Both numbers count from 1; 0 means that the graph was not read from text.</summary>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column in characters, from 1.</param>
public readonly record struct SourcePosition(int Line, int Column)
{
    /// <summary>Whether the position points into a text.</summary>
    public bool IsKnown => Line > 0;

    /// <inheritdoc/>
    public override string ToString() => IsKnown ? $"line {Line}, col {Column}" : "(built in code)";
}
