using Fuser.Kernels.Graphs;

namespace Fuser.Kernels.Normalisation;

/// <summary>
/// A graph in canonical form: names, types, comments and dead code gone, equal subexpressions shared, fusion groups of other
/// compilers dissolved. Graphs that mean the same operations on the same values have the same text.
/// </summary>
internal sealed class NormalisedGraph(Graph graph, string text)
{
    public Graph Graph { get; } = graph;

    public string Text { get; } = text;

    public GraphKey Key { get; } = GraphKey.Of(text);
}
