using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations;

namespace Fuser.Kernels.Normalisation;

/// <summary>
/// Takes control flow out where it is decided: branches on constants, loops that are worth unrolling, tuples and lists that are only put
/// together and taken apart. What is left after this is decided by values of the call. A graph without any of it is left alone.
/// </summary>
internal static class ControlFlow
{
    /// <summary>A round takes out whatever is decided, and the next what follows from arithmetic on it; what is left after so many is run as it is.</summary>
    private const int MaxRounds = 16;

    public static Graph Simplify(Graph graph)
    {
        if (!MayNeedProgram(graph.Nodes))
        {
            return graph;
        }

        graph = new Graph(graph.Inputs, WithoutRemarks(graph.Nodes), graph.Outputs);
        var unrolling = new LoopUnrolling();
        for (var round = 0; round < MaxRounds; round++)
        {
            // Shared and dead nodes go first: how large a body is decides whether its loop is written out.
            graph = DeadNodes.Remove(CommonSubexpressions.Apply(ConstantFolding.Apply(graph)));
            var before = graph;
            graph = NumberTensors.Apply(graph);
            graph = TupleForwarding.Apply(graph);
            graph = ListMutations.Apply(graph);
            graph = DecidedBlocks.Apply(graph, unrolling);
            if (ReferenceEquals(graph, before))
            {
                return graph;
            }
        }

        return graph;
    }

    private static bool MayNeedProgram(ImmutableArray<Node> nodes)
    {
        foreach (var node in nodes)
        {
            if (ValueOperations.MayBe(node))
            {
                return true;
            }
        }

        return false;
    }

    private static ImmutableArray<Node> WithoutRemarks(ImmutableArray<Node> nodes) =>
    [
        .. nodes.Where(node => !ValueOperations.IsRemark(node.Kind)).Select(node => node.Blocks.IsEmpty
            ? node
            : node.WithBlocks(ImmutableArray.CreateRange(node.Blocks, block => new Block(block.Inputs, WithoutRemarks(block.Nodes), block.Outputs)))),
    ];
}
