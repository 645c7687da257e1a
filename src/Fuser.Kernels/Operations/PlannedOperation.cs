using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Fuser.Kernels.Operations;

/// <summary>
/// An operation that is no formula per element: the planner makes it of elementwise operations and reductions, or hands it to a routine. This is its row for
/// the documentation and the check of a graph; <c>Partitioning/Rules</c> says what it becomes.
/// </summary>
/// <param name="Kind">Qualified name, as graphs write it.</param>
/// <param name="Schemas">What it takes and gives, in the notation of <see cref="Schemas.Schema"/>; several forms are separated by " | ".</param>
/// <param name="Documentation">What it computes, and of what it is made.</param>
internal sealed record PlannedOperation(string Kind, string Schemas, string Documentation);

/// <summary>The table of them.</summary>
internal static partial class PlannedOperations
{
    private static readonly FrozenDictionary<string, PlannedOperation> Rows = ((PlannedOperation[])
    [
        .. ReductionRows,
        .. MomentRows,
        .. NormalisationRows,
        .. LossRows,
        .. MatrixRows,
        .. IndexingRows,
        .. CreationRows,
        .. RearrangementRows,
        .. ConvolutionRows,
        .. PoolingRows,
    ]).ToFrozenDictionary(row => row.Kind);

    public static ImmutableArray<PlannedOperation> All { get; } = [.. Rows.Values.OrderBy(row => row.Kind, StringComparer.Ordinal)];

    public static bool Has(string kind) => Rows.ContainsKey(kind);
}
