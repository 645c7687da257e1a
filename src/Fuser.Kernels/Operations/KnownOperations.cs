using System.Collections.Frozen;
using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Operations.Schemas;

namespace Fuser.Kernels.Operations;

/// <summary>Whether an operation can be run.</summary>
internal enum OperationStatus
{
    /// <summary>It runs.</summary>
    Offered,

    /// <summary>Its meaning is known, but nothing here runs it.</summary>
    Refused,

    /// <summary>Nothing is known about it.</summary>
    Unknown,
}

/// <summary>The catalogue of everything that a graph may hold: what is documented, and what nodes are checked against.</summary>
internal static class KnownOperations
{
    private static readonly FrozenSet<string> RefusedKinds = FrozenSet.Create(
        "aten::nonzero", "aten::masked_select", "aten::scatter", "aten::scatter_add", "aten::index_put", "aten::index_add", "aten::sort", "aten::argsort", "aten::topk", "aten::cumprod",
        "aten::lstm", "aten::gru");

    private static readonly FrozenDictionary<string, ImmutableArray<Schema>> Schemas;

    static KnownOperations()
    {
        All =
        [
            .. OperationCatalogue.All.Select(row => new KnownOperation(row.Kind, OperationFamily.Elementwise, [Schema.Of(row)], row.Documentation)),
            .. PlannedOperations.All.Select(row => new KnownOperation(row.Kind, OperationFamily.Planned, row.Schemas, row.Documentation)),
            .. ViewRows.Rows,
            .. ScalarOperations.Rows,
            .. ValueRows.Rows,
        ];
        Schemas = All.GroupBy(row => row.Kind).ToFrozenDictionary(rows => rows.Key, rows => rows.SelectMany(row => row.Schemas).ToImmutableArray());
    }

    /// <summary>All rows, by family.</summary>
    public static ImmutableArray<KnownOperation> All { get; }

    /// <summary>The forms of a kind; none when it is not offered.</summary>
    public static ImmutableArray<Schema> SchemasOf(string kind) => Schemas.GetValueOrDefault(kind, []);

    public static OperationStatus StatusOf(Node node) =>
        RefusedKinds.Contains(node.Kind) || IsAnotherForm(node) ? OperationStatus.Refused
        : Schemas.ContainsKey(node.Kind) ? OperationStatus.Offered
        : IsInPlaceName(node.Kind) ? OperationStatus.Refused : OperationStatus.Unknown;

    /// <summary>
    /// Forms that mean something else: where of a condition alone lists indices, whose number depends on values; add_ of a tensor changes it in place.
    /// </summary>
    private static bool IsAnotherForm(Node node) => node.Kind switch
    {
        "aten::where" => node.Inputs.Length == 1,
        "aten::add_" => node.Inputs is not [{ Type: ListType }, ..],
        _ => false,
    };

    /// <summary>An in-place form (<c>aten::relu_</c>) of an operation that exists.</summary>
    private static bool IsInPlaceName(string kind) => kind.EndsWith('_') && OperationCatalogue.Find(kind[..^1]) is not null;
}
