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
    /// <summary>A row with the parameters in the notation of <see cref="Parameter.ParseList"/>.</summary>
    public Operation(string kind, string parameters, TypeRule types, Meaning meaning, string documentation)
        : this(kind, Parameter.ParseList(parameters), types, meaning, documentation)
    {
    }

    /// <summary>Draws random numbers: never shared with an equal node and never folded.</summary>
    public bool IsRandom { get; init; }

    /// <summary>Its numbers become elements, or bounds of elements, and the type of the result must hold them: see <see cref="NumberRange"/>.</summary>
    public bool HoldsNumbers { get; init; }

    public int RequiredParameters { get; } = Parameters.Count(parameter => !parameter.HasDefault);

    /// <summary>
    /// Whether a node with that many arguments is this operation. A few kinds mean something else with another count:
    /// <c>aten::max</c> of one tensor is a reduction, <c>aten::where</c> of one lists indices.
    /// </summary>
    public bool Takes(int argumentCount) => argumentCount >= RequiredParameters && argumentCount <= Parameters.Length;
}

/// <summary>
/// The value of an operation for one element, in the IR type of the result's dtype. Integers of narrow dtypes need not be
/// wrapped into their range: the lowering does it.
/// </summary>
internal delegate IrValue Meaning(MeaningContext context);

/// <summary>Which type an operation computes in and which it answers, from the types of its operands.</summary>
/// <exception cref="GraphException">The operation has no meaning for these types.</exception>
internal delegate TypeResolution TypeRule(OperandTypes operands);
