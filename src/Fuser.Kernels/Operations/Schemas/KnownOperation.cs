using System.Collections.Immutable;

namespace Fuser.Kernels.Operations.Schemas;

/// <summary>Who gives an operation its meaning.</summary>
internal enum OperationFamily
{
    /// <summary>A formula per element: <see cref="OperationCatalogue"/>.</summary>
    Elementwise,

    /// <summary>Made of others by the planner: <see cref="PlannedOperations"/>.</summary>
    Planned,

    /// <summary>Another look at a tensor, or several tensors as one: <see cref="ViewOperations"/>.</summary>
    Views,

    /// <summary>Arithmetic on plain numbers: <see cref="ScalarOperations"/>.</summary>
    Numbers,

    /// <summary>Lists, texts, what is known of a tensor, branches and loops: <see cref="ValueOperations"/>.</summary>
    Values,
}

/// <summary>A row of the catalogue of everything that a graph may hold. A kind may have several: <c>aten::add</c> is of tensors, of numbers and of lists.</summary>
/// <param name="Kind">Qualified name, as graphs write it.</param>
/// <param name="Schemas">Its forms.</param>
internal sealed record KnownOperation(string Kind, OperationFamily Family, ImmutableArray<Schema> Schemas, string Documentation)
{
    /// <summary>A row in the notation of <see cref="Schema"/>, its forms separated by " | ".</summary>
    public KnownOperation(string kind, OperationFamily family, string schemas, string documentation)
        : this(kind, family, [.. schemas.Split(" | ").Select(Schema.Parse)], documentation)
    {
    }
}
