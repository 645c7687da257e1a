using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Operations;

/// <summary>How much an operand counts in type promotion.</summary>
internal enum OperandRank
{
    /// <summary>None, or an argument that is no number.</summary>
    Absent,

    /// <summary>A plain number; its dtype is bool, int64 or float64.</summary>
    Number,

    /// <summary>A tensor without dimensions.</summary>
    ZeroDimensional,

    /// <summary>A tensor with dimensions.</summary>
    Dimensioned,
}

/// <summary>The type of one argument. A constant argument carries its value.</summary>
internal readonly record struct OperandType(OperandRank Rank, DType DType, ConstantValue? Constant = null)
{
    public bool IsTensor => Rank >= OperandRank.ZeroDimensional;
}

/// <summary>The types of an operation's arguments, one per parameter, for the operation's <see cref="TypeRule"/>.</summary>
internal sealed class OperandTypes(Operation operation, ImmutableArray<OperandType> types)
{
    public Operation Operation { get; } = operation;

    public OperandType this[int index] => types[index];

    public int Count => types.Length;

    /// <summary>Type promotion over the given parameters, absent ones skipped.</summary>
    public DType Promote(ReadOnlySpan<int> parameters)
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
}

/// <summary>The answer of a <see cref="TypeRule"/>.</summary>
/// <param name="Compute">Operands and numbers are converted to this before the meaning sees them.</param>
/// <param name="Result">The dtype of the result.</param>
internal readonly record struct TypeResolution(DType Compute, DType Result);
