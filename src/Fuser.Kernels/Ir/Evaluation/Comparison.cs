using System.Numerics;

namespace Fuser.Kernels.Ir.Evaluation;

/// <summary>Comparisons: false whenever NaN takes part.</summary>
internal static class Comparison
{
    public static void Evaluate<T>(IrOp op, ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<byte> result)
        where T : struct, INumber<T>
    {
        switch (op)
        {
            case IrOp.Equal: for (var i = 0; i < result.Length; i++) { result[i] = (byte)(a[i] == b[i] ? 1 : 0); } break;
            case IrOp.LessThan: for (var i = 0; i < result.Length; i++) { result[i] = (byte)(a[i] < b[i] ? 1 : 0); } break;
            default: for (var i = 0; i < result.Length; i++) { result[i] = (byte)(a[i] <= b[i] ? 1 : 0); } break;
        }
    }
}
