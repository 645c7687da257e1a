using System.Collections.Immutable;
using Fuser.Kernels.Ir;

namespace Fuser.Kernels.Operations;

/// <summary>
/// One row of the catalogue: everything the runtime knows about an elementwise operation. Shapes are not here because they
/// are the same for all: operands broadcast.
/// </summary>
/// <param name="Kind">Qualified name, as graphs write it.</param>
/// <param name="Parameters">Positional parameters; trailing ones with a default may be left out.</param>
/// <param name="Types">In which type it computes and which type it answers.</param>
/// <param name="Meaning">Its value for one element, in the primitives of the IR.</param>
/// <param name="Documentation">What it computes, with its special cases, as PyTorch defines it.</param>
internal sealed record Operation(
    string Kind,
    ImmutableArray<Parameter> Parameters,
    TypeRule Types,
    Meaning Meaning,
    string Documentation)
{
    /// <summary>Draws random numbers: never shared with an equal node and never folded.</summary>
    public bool IsRandom { get; init; }

    public int RequiredParameters { get; } = Parameters.Count(parameter => !parameter.HasDefault);
}

/// <summary>The value of an operation for one element.</summary>
internal delegate IrValue Meaning(MeaningContext context);

/// <summary>Which type an operation computes in and which it answers, from the types of its operands.</summary>
internal delegate TypeResolution TypeRule(OperandTypes operands);
