namespace Fuser.Kernels.Graphs;

/// <summary>A value of a graph under construction. It belongs to the <see cref="GraphBuilder"/> that made it.</summary>
public abstract class GraphHandle
{
    private protected GraphHandle(GraphBuilder builder, Value value)
    {
        Builder = builder;
        Value = value;
    }

    /// <summary>The builder the value belongs to.</summary>
    public GraphBuilder Builder { get; }

    /// <summary>The value in the graph.</summary>
    public Value Value { get; }

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}
