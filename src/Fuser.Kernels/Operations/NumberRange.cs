using Fuser.Kernels.Graphs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Operations;

/// <summary>
/// Which numbers can become elements of a dtype: fill values, bounds, thresholds. As PyTorch's <c>c10::overflows</c> has it: fractions are cut off, anything
/// is true or false, infinities are floats, and a negative int is a uint8 as long as its magnitude is one.
/// </summary>
internal static class NumberRange
{
    /// <summary>Whether a dtype has so few numbers that a number known only at run time is looked at before every plan.</summary>
    public static bool IsNarrow(this DType dtype) => dtype.IsInteger() && dtype != DType.Int64;

    /// <param name="mayWrap">Whether a negative int may stand for a uint8.</param>
    /// <exception cref="GraphException">The dtype does not hold the number.</exception>
    public static void Require(string kind, string parameter, ConstantValue? number, DType dtype, bool mayWrap = true)
    {
        var (least, most) = Bounds(dtype, mayWrap && number is IntConstant);
        var value = number switch { IntConstant whole => whole.Value, FloatConstant real => real.Value, _ => 0 };
        var isHeld = dtype.IsFloatingPoint() ? !double.IsFinite(value) || (value >= least && value <= most)
            : dtype == DType.Bool || (value >= least && value <= most && !(dtype == DType.Int64 && number is FloatConstant && value == most));
        if (!isHeld)
        {
            throw new GraphException(
                ErrorCodes.OperationArgument,
                $"{parameter} of {kind} got {value}, wanted a number that {dtype.DisplayName()} holds: {least} to {most}.");
        }
    }

    private static (double Least, double Most) Bounds(DType dtype, bool mayWrap) => dtype switch
    {
        DType.UInt8 => (mayWrap ? -byte.MaxValue : byte.MinValue, byte.MaxValue),
        DType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
        DType.Int16 => (short.MinValue, short.MaxValue),
        DType.Int32 => (int.MinValue, int.MaxValue),
        DType.Float16 => (-(double)Half.MaxValue, (double)Half.MaxValue),
        DType.BFloat16 => (-(double)BitConverter.Int32BitsToSingle(0x7f7f0000), BitConverter.Int32BitsToSingle(0x7f7f0000)),
        DType.Float32 => (float.MinValue, float.MaxValue),
        DType.Float64 => (double.MinValue, double.MaxValue),
        _ => (long.MinValue, long.MaxValue),
    };
}
