using Fuser.Kernels.Ir.Stages;

namespace Fuser.Kernels.Partitioning;

/// <summary>Why a kernel writes a value to memory, instead of its users computing it for themselves.</summary>
/// <param name="Value">Id of the tensor.</param>
/// <param name="Kind">How it is combined, when it is a reduction.</param>
/// <param name="Reason">The reason; <c>{value}</c> in it stands for the value, <c>{user}</c> for the operation that needs it.</param>
/// <param name="NeededBy">Id of a tensor of that operation; -1 where the reason names none.</param>
internal readonly record struct GroupBoundary(int Value, ReductionKind? Kind, string Reason, int NeededBy)
{
    /// <summary>In words, with the operations of the source graph.</summary>
    public string Text(PlanOrigins origins)
    {
        var value = Kind is { } kind ? $"the {kind.ToString().ToLowerInvariant()} in {origins.Text(Value)}" : origins.Text(Value);
        return Reason.Replace("{value}", value, StringComparison.Ordinal).Replace("{user}", origins.Text(NeededBy), StringComparison.Ordinal);
    }
}
