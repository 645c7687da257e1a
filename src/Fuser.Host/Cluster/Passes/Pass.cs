using System.Collections.Immutable;
using Fuser.Kernels.Partitioning;

namespace Fuser.Host.Cluster.Passes;

/// <summary>One pass over the inputs, in parts, and what is made once behind it.</summary>
/// <param name="Reductions">Reductions of which parts make subtrees.</param>
/// <param name="Rows">Outputs of which parts make rows.</param>
/// <param name="Carried">What parts of later passes need of the results.</param>
/// <param name="Outputs">Outputs that are known behind the pass.</param>
internal sealed record Pass(ImmutableArray<ReducedTensor> Reductions, ImmutableArray<PlanTensor> Rows, ImmutableArray<PlanTensor> Carried, ImmutableArray<PlanTensor> Outputs)
{
    /// <summary>The passes of a run, in order.</summary>
    public static ImmutableArray<Pass> Of(Placement placement, ImmutableArray<PlanTensor> outputs)
    {
        var results = outputs.Distinct().ToLookup(output => placement[output].Kind == PlaceKind.Rows);
        var count = placement.Reductions.Select(reduction => placement[reduction].Pass).Concat(results[true].Select(output => placement[output].Pass + 1)).DefaultIfEmpty(0).Max();
        var carried = placement.Tensors.Where(tensor => placement[tensor].Kind != PlaceKind.Whole)
            .SelectMany(PlanOrder.OperandsOf)
            .Where(operand => placement[operand] is { Kind: PlaceKind.Whole, Pass: > 0 })
            .Distinct().ToList();
        return
        [
            .. Enumerable.Range(0, count).Select(pass => new Pass(
                [.. placement.Reductions.Where(reduction => placement[reduction].Pass == pass + 1)],
                [.. results[true].Where(output => placement[output].Pass == pass)],
                [.. carried.Where(tensor => placement[tensor].Pass == pass + 1)],
                [.. results[false].Where(output => Math.Max(1, placement[output].Pass) == pass + 1)])),
        ];
    }
}
