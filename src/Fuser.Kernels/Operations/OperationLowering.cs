using System.Collections.Immutable;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Operations;

/// <summary>An operation on values of a kernel: converts the operands, runs the row's meaning, wraps the result.</summary>
internal static class OperationLowering
{
    /// <summary>The value of the operation for one element, and its dtype.</summary>
    /// <param name="values">
    /// One per parameter, in the IR type its dtype is computed with. Constants and absent arguments may be null: what
    /// is known of them stands in <paramref name="operands"/>.
    /// </param>
    /// <param name="random">Where random numbers come from; needed by operations that are random.</param>
    /// <exception cref="GraphException">The operation has no meaning for these types.</exception>
    public static (IrValue Value, DType DType) Apply(IrBuilder b, OperandTypes operands, ReadOnlySpan<IrValue?> values, RandomSource? random = null)
    {
        var operation = operands.Operation;
        var types = operation.Types(operands);
        var known = ImmutableArray.CreateBuilder<IrValue?>(values.Length);
        for (var i = 0; i < operands.Count; i++)
        {
            known.Add((i < values.Length ? values[i] : null) ?? OfConstant(b, operands[i]));
        }

        var result = operation.Meaning(new MeaningContext(b, operands, types, known.ToImmutable(), random));
        return result.Type == IrTypes.OfCompute(types.Result)
            ? (NarrowIntegers.Wrap(b, types.Result, result), types.Result)
            : throw new InternalFuserException(ErrorCodes.Internal, $"{operation.Kind} answered {result.Type.Text()} for {types.Result.DisplayName()}");
    }

    private static IrValue? OfConstant(IrBuilder b, OperandType type) => type.Constant switch
    {
        BoolConstant flag => ValueConversion.Promote(b, b.Bool(flag.Value), DType.Bool, type.DType),
        IntConstant whole => ValueConversion.Promote(b, b.Int64(whole.Value), DType.Int64, type.DType),
        FloatConstant number => ValueConversion.Promote(b, b.Float64(number.Value), DType.Float64, type.DType),
        _ => null,
    };
}
