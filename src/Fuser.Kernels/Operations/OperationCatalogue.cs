using System.Collections.Frozen;

namespace Fuser.Kernels.Operations;

/// <summary>
/// Every elementwise operation, by kind. Adding one is a row in one of the tables below and its tests;
/// see <c>docs/add-an-operation.md</c>.
/// </summary>
internal static class OperationCatalogue
{
    private static readonly FrozenDictionary<string, Operation> Rows = WithAliases(
    [
        .. ArithmeticOperations.Rows,
        .. DivisionOperations.Rows,
        .. PowerOperations.Rows,
        .. ComparisonOperations.Rows,
        .. BitwiseOperations.Rows,
        .. RoundingOperations.Rows,
        .. SelectionOperations.Rows,
        .. ExponentialOperations.Rows,
        .. TrigonometricOperations.Rows,
        .. ActivationOperations.Rows,
        .. GradientOperations.Rows,
        .. ConversionOperations.Rows,
        .. RandomOperations.Rows,
        .. CreationOperations.Rows,
        .. CarriedOperations.Rows,
    ]);

    public static IEnumerable<Operation> All => Rows.Values.OrderBy(operation => operation.Kind, StringComparer.Ordinal);

    public static Operation? Find(string kind) => Rows.GetValueOrDefault(kind);

    private static FrozenDictionary<string, Operation> WithAliases(Operation[] rows)
    {
        var known = rows.ToDictionary(operation => operation.Kind);
        foreach (var (alias, kind) in OperationAliases.Rows)
        {
            known.Add(alias, known[kind] with { Kind = alias, Documentation = $"Another name of {kind}." });
        }

        return known.ToFrozenDictionary();
    }
}
