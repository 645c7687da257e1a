using Fuser.Kernels.Partitioning;

namespace Fuser.Host.Cluster.Passes;

/// <summary>The order of the tensors of a plan: ids grow along the graph, so no recursion is needed to have operands before users.</summary>
internal static class PlanOrder
{
    /// <summary>What a tensor is made of.</summary>
    public static IEnumerable<PlanTensor> OperandsOf(PlanTensor tensor) => tensor switch
    {
        ComputedTensor computed => computed.Arguments.OfType<PlanTensor>(),
        ReducedTensor reduced => [reduced.Source],
        ViewedTensor viewed => [viewed.Source],
        ReshapedTensor reshaped => [reshaped.Source],
        ConcatenatedTensor concatenated => concatenated.Parts,
        RoutineTensor routine => routine.Call.Operands,
        _ => [],
    };

    /// <summary>Everything that some tensors are made of, themselves included, operands first.</summary>
    /// <param name="isLeaf">What is not looked into.</param>
    public static List<PlanTensor> Of(IEnumerable<PlanTensor> tensors, Func<PlanTensor, bool> isLeaf)
    {
        var found = new HashSet<PlanTensor>(tensors, ReferenceEqualityComparer.Instance);
        var open = new Stack<PlanTensor>(found);
        while (open.TryPop(out var tensor))
        {
            if (isLeaf(tensor))
            {
                continue;
            }

            foreach (var operand in OperandsOf(tensor).Where(found.Add))
            {
                open.Push(operand);
            }
        }

        return [.. found.OrderBy(tensor => tensor.Id)];
    }
}
