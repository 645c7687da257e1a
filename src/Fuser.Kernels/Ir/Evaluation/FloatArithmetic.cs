using System.Numerics;

namespace Fuser.Kernels.Ir.Evaluation;

/// <summary>Floating point primitives: IEEE 754, one rounding each.</summary>
internal static class FloatArithmetic
{
    public static void Evaluate<T>(IrOp op, ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> result)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        switch (op)
        {
            case IrOp.Add: for (var i = 0; i < result.Length; i++) { result[i] = a[i] + b[i]; } break;
            case IrOp.Subtract: for (var i = 0; i < result.Length; i++) { result[i] = a[i] - b[i]; } break;
            case IrOp.Multiply: for (var i = 0; i < result.Length; i++) { result[i] = a[i] * b[i]; } break;
            case IrOp.Divide: for (var i = 0; i < result.Length; i++) { result[i] = a[i] / b[i]; } break;
            default: for (var i = 0; i < result.Length; i++) { result[i] = a[i] % b[i]; } break; // C fmod: exact
        }
    }

    public static void EvaluateUnary<T>(IrOp op, ReadOnlySpan<T> a, Span<T> result)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        switch (op)
        {
            case IrOp.SquareRoot: for (var i = 0; i < result.Length; i++) { result[i] = T.Sqrt(a[i]); } break;
            case IrOp.Floor: for (var i = 0; i < result.Length; i++) { result[i] = T.Floor(a[i]); } break;
            case IrOp.Round: for (var i = 0; i < result.Length; i++) { result[i] = T.Round(a[i], MidpointRounding.ToEven); } break;
            default: for (var i = 0; i < result.Length; i++) { result[i] = T.Truncate(a[i]); } break;
        }
    }

    public static void MultiplyAdd<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, ReadOnlySpan<T> c, Span<T> result)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = T.FusedMultiplyAdd(a[i], b[i], c[i]);
        }
    }
}
