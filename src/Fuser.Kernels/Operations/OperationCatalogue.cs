using System.Collections.Frozen;

namespace Fuser.Kernels.Operations;

/// <summary>
/// Every elementwise operation, by kind. Adding one is a row in one of the tables below and its tests;
/// see <c>docs/add-an-operation.md</c>.
/// </summary>
internal static class OperationCatalogue
{
    private static readonly FrozenDictionary<string, Operation> Rows = new[]
    {
        ArithmeticOperations.Rows,
    }.SelectMany(table => table).ToFrozenDictionary(operation => operation.Kind);

    public static IEnumerable<Operation> All => Rows.Values.OrderBy(operation => operation.Kind, StringComparer.Ordinal);

    public static Operation? Find(string kind) => Rows.GetValueOrDefault(kind);
}
