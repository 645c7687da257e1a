using System.Collections.Immutable;

namespace Fuser.Kernels.Partitioning;

/// <summary>What the values of a graph are for one call's inputs; plans are made of it, and it does not change meanwhile.</summary>
/// <param name="Results">The graph's outputs, tuples flattened; numbers have slots.</param>
/// <param name="Slots">The numbers among the values.</param>
/// <param name="Origins">What tensors are in the source graph.</param>
/// <param name="IsReduction">By id of a tensor: null where it is none that a kernel computes, else whether it is a reduction.</param>
internal sealed record GraphMeaning(ImmutableArray<PlanValue> Results, ScalarSlots Slots, PlanOrigins Origins, IReadOnlyList<bool?> IsReduction)
{
    /// <summary>Whether there is any reduction, so that graphs without them are not searched for them.</summary>
    public bool HasReductions { get; } = IsReduction.Contains(true);
}
