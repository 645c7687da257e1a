using System.Numerics;

namespace Fuser.Kernels.Ir.Evaluation;

/// <summary>Integer primitives: they wrap; division is towards zero and by zero an error.</summary>
internal static class IntegerArithmetic
{
    public static void Evaluate<T>(IrOp op, ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> result)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
    {
        switch (op)
        {
            case IrOp.Add: for (var i = 0; i < result.Length; i++) { result[i] = unchecked(a[i] + b[i]); } break;
            case IrOp.Subtract: for (var i = 0; i < result.Length; i++) { result[i] = unchecked(a[i] - b[i]); } break;
            case IrOp.Multiply: for (var i = 0; i < result.Length; i++) { result[i] = unchecked(a[i] * b[i]); } break;
            case IrOp.Divide: for (var i = 0; i < result.Length; i++) { result[i] = Divide(a[i], b[i]); } break;
            default: for (var i = 0; i < result.Length; i++) { result[i] = Remainder(a[i], b[i]); } break;
        }
    }

    /// <summary>Towards zero. MIN / -1, which the hardware traps on, wraps to MIN.</summary>
    /// <exception cref="DivideByZeroException">The divisor is zero; the launcher turns it into an <see cref="InputException"/>.</exception>
    public static T Divide<T>(T a, T b)
        where T : struct, IBinaryInteger<T> => b == -T.One ? unchecked(T.Zero - a) : a / b;

    /// <summary>With the sign of the dividend. MIN % -1 is 0.</summary>
    /// <exception cref="DivideByZeroException">The divisor is zero.</exception>
    public static T Remainder<T>(T a, T b)
        where T : struct, IBinaryInteger<T> => b == -T.One ? T.Zero : a % b;
}
