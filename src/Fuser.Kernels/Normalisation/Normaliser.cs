using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;

namespace Fuser.Kernels.Normalisation;

/// <summary>Brings a graph into canonical form. Idempotent; changes no bit of any result.</summary>
internal static class Normaliser
{
    /// <exception cref="GraphException">The graph is malformed, or has operations that are not known; all are named at once.</exception>
    public static NormalisedGraph Normalise(Graph graph)
    {
        GraphValidator.Validate(graph);
        graph = SubgraphInlining.Apply(graph);
        OperationCheck.Check(graph);
        graph = ControlFlow.Simplify(graph);
        graph = ConstantFolding.Apply(graph);
        graph = CommonSubexpressions.Apply(graph);
        graph = DeadNodes.Remove(graph);
        graph = CanonicalNames.Apply(graph);
        return new NormalisedGraph(graph, GraphText.Print(graph));
    }
}
