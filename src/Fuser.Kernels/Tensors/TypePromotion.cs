namespace Fuser.Kernels.Tensors;

/// <summary>
/// PyTorch's type promotion: the common dtype of two dtypes, and of operands of different priority
/// (tensors with dimensions, 0-dim tensors, plain numbers).
/// </summary>
public static class TypePromotion
{
    /// <summary>The dtype that holds both, as <c>torch.promote_types</c> answers.</summary>
    public static DType Promote(DType a, DType b)
    {
        if (a == b)
        {
            return a;
        }

        if (a.IsFloatingPoint() || b.IsFloatingPoint())
        {
            if (!a.IsFloatingPoint())
            {
                return b;
            }

            if (!b.IsFloatingPoint())
            {
                return a;
            }

            // float16 and bfloat16 contain each other in neither direction; float32 holds both.
            return a.IsHalf() && b.IsHalf() ? DType.Float32 : Max(a, b);
        }

        if (a == DType.Bool || b == DType.Bool)
        {
            return Max(a, b);
        }

        // uint8 fits no int8: the next signed type holds both. Above that the enum order is the width order.
        return a == DType.UInt8 && b == DType.Int8 || a == DType.Int8 && b == DType.UInt8 ? DType.Int16 : Max(a, b);
    }

    /// <summary>
    /// The result type of operands of three priorities: a lower priority takes part only when its
    /// category (bool, integer, floating) is above that of every higher priority, as <c>torch.result_type</c> does.
    /// </summary>
    /// <param name="dimensioned">Promoted dtype of tensors with at least one dimension, if any.</param>
    /// <param name="zeroDimensional">Promoted dtype of 0-dim tensors, if any.</param>
    /// <param name="number">Promoted dtype of plain numbers (bool, int64 or float64 stand for their category), if any.</param>
    public static DType Combine(DType? dimensioned, DType? zeroDimensional, DType? number)
    {
        DType? numberDefault = number switch
        {
            null => null,
            DType.Float64 => DType.Float32, // a Python float is the default dtype when it decides
            _ => number,
        };
        return CombineTwo(dimensioned, CombineTwo(zeroDimensional, numberDefault))
            ?? throw new ArgumentException("at least one operand is needed to promote", nameof(dimensioned));
    }

    private static DType? CombineTwo(DType? high, DType? low)
    {
        if (high is null || low is null)
        {
            return high ?? low;
        }

        return Category(low.Value) > Category(high.Value) ? Promote(high.Value, low.Value) : high;
    }

    private static int Category(DType dtype) => dtype.IsFloatingPoint() ? 2 : dtype.IsInteger() ? 1 : 0;

    private static DType Max(DType a, DType b) => a > b ? a : b;
}
