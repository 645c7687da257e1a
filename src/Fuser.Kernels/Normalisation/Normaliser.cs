using Fuser.Kernels.Graphs;
using Fuser.Kernels.Graphs.Text;

namespace Fuser.Kernels.Normalisation;

/// <summary>Brings a graph into canonical form. Idempotent; changes no bit of any result.</summary>
internal static class Normaliser
{
    /// <param name="cancellationToken">Observed between passes: each goes over the graph a few times, about a tenth of a second for the largest.</param>
    /// <exception cref="GraphException">The graph is malformed, or has operations that are not known where they could run; all are named at once.</exception>
    public static NormalisedGraph Normalise(Graph graph, CancellationToken cancellationToken = default)
    {
        GraphValidator.Validate(graph);
        SchemaCheck.Check(graph, hasDeadBranches: true);
        graph = Pass(SubgraphInlining.Apply);
        graph = Pass(ControlFlow.Simplify);
        OperationCheck.Check(graph); // what stands in a branch that is never taken does not matter
        SchemaCheck.Check(graph, hasDeadBranches: false);
        graph = Pass(ConstantFolding.Apply);
        graph = Pass(CommonSubexpressions.Apply);
        graph = Pass(DeadNodes.Remove);
        graph = Pass(CanonicalNames.Apply);
        return new NormalisedGraph(graph, Pass(GraphText.Print));

        T Pass<T>(Func<Graph, T> pass)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return pass(graph);
        }
    }
}
