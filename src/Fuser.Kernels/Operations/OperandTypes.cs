using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Operations;

/// <summary>The types of an operation's arguments, one per parameter, for the operation's <see cref="TypeRule"/>.</summary>
internal sealed class OperandTypes(Operation operation, ImmutableArray<OperandType> types)
{
    public Operation Operation { get; } = operation;

    public OperandType this[int index] => types[index];

    public int Count => types.Length;

    /// <summary>Fills in the defaults of the arguments left out and checks the kind of each.</summary>
    /// <exception cref="GraphException">There are too few or too many arguments, or one is of the wrong kind.</exception>
    public static OperandTypes Create(Operation operation, ReadOnlySpan<OperandType> arguments)
    {
        if (!operation.Takes(arguments.Length))
        {
            var most = operation.Parameters.Length;
            var wanted = operation.RequiredParameters == most ? $"{most}" : $"{operation.RequiredParameters} to {most}";
            throw new GraphException(
                ErrorCodes.OperationArity,
                $"{operation.Kind} got {arguments.Length} arguments, wanted {wanted}: ({string.Join(", ", operation.Parameters)}). See docs/operations.md.");
        }

        var types = ImmutableArray.CreateBuilder<OperandType>(operation.Parameters.Length);
        for (var i = 0; i < operation.Parameters.Length; i++)
        {
            var parameter = operation.Parameters[i];
            types.Add(i < arguments.Length ? Checked(operation, parameter, i, arguments[i]) : OperandType.OfConstant(parameter.Default));
        }

        return new OperandTypes(operation, types.MoveToImmutable());
    }

    /// <summary>Type promotion over the given parameters, absent ones skipped.</summary>
    public DType Promote(params ReadOnlySpan<int> parameters)
    {
        DType? dimensioned = null, zeroDimensional = null, number = null;
        foreach (var parameter in parameters)
        {
            var (rank, dtype) = (types[parameter].Rank, types[parameter].DType);
            switch (rank)
            {
                case OperandRank.Dimensioned: dimensioned = Join(dimensioned, dtype); break;
                case OperandRank.ZeroDimensional: zeroDimensional = Join(zeroDimensional, dtype); break;
                case OperandRank.Number: number = Join(number, dtype); break;
            }
        }

        return TypePromotion.Combine(dimensioned, zeroDimensional, number);
    }

    /// <summary>Type promotion over all tensors and operands.</summary>
    public DType PromoteOperands()
    {
        Span<int> chosen = stackalloc int[types.Length];
        var count = 0;
        for (var i = 0; i < types.Length; i++)
        {
            if (Operation.Parameters[i].Kind is ParameterKind.Tensor or ParameterKind.Operand)
            {
                chosen[count++] = i;
            }
        }

        return Promote(chosen[..count]);
    }

    private static DType Join(DType? known, DType next) => known is null ? next : TypePromotion.Promote(known.Value, next);

    private static OperandType Checked(Operation operation, Parameter parameter, int index, OperandType argument)
    {
        var wanted = parameter.Kind switch
        {
            _ when argument.IsNone => parameter.Optional ? null : "a value",
            ParameterKind.Tensor => argument.IsTensor ? null : "a tensor",
            ParameterKind.Operand => argument.IsTensor || argument.Rank == OperandRank.Number ? null : "a tensor or a number",
            ParameterKind.Condition => argument.IsTensor && argument.DType is DType.Bool or DType.UInt8 ? null : "a bool tensor",
            ParameterKind.Number => argument.Rank == OperandRank.Number ? null : "a number",
            ParameterKind.Constant => argument.Constant is not null && !argument.IsTensor ? null : "a constant, because it decides what code is generated",
            ParameterKind.Like => argument.Constant is not null || argument.IsTensor ? null : "a tensor or a constant dtype",
            _ => null,
        };
        return wanted is null ? argument : throw new GraphException(
            ErrorCodes.OperationArgument, $"argument {index + 1} ({parameter.Name}) of {operation.Kind} got {argument}, wanted {wanted}.");
    }
}

/// <summary>The answer of a <see cref="TypeRule"/>.</summary>
/// <param name="Compute">Operands and numbers are converted to this before the meaning sees them.</param>
/// <param name="Result">The dtype of the result.</param>
internal readonly record struct TypeResolution(DType Compute, DType Result);
