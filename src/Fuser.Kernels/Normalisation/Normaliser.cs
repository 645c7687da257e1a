using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;

namespace Fuser.Kernels.Normalisation;

/// <summary>Brings a graph into canonical form. Idempotent; changes no bit of any result.</summary>
internal static class Normaliser
{
    /// <exception cref="GraphException">The graph is malformed, or has operations that are not known where they could run; all are named at once.</exception>
    public static NormalisedGraph Normalise(Graph graph)
    {
        GraphValidator.Validate(graph);
        SchemaCheck.Check(graph, hasDeadBranches: true);
        graph = SubgraphInlining.Apply(graph);
        graph = ControlFlow.Simplify(graph);
        OperationCheck.Check(graph); // what stands in a branch that is never taken does not matter
        SchemaCheck.Check(graph, hasDeadBranches: false);
        graph = ConstantFolding.Apply(graph);
        graph = CommonSubexpressions.Apply(graph);
        graph = DeadNodes.Remove(graph);
        graph = CanonicalNames.Apply(graph);
        return new NormalisedGraph(graph, GraphText.Print(graph));
    }
}
