using System.Numerics;

namespace Fuser.Kernels.Ir.Evaluation;

/// <summary>Bitwise primitives and shifts. Shift counts are taken modulo the width.</summary>
internal static class Bits
{
    public static void Evaluate<T>(IrOp op, ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> result)
        where T : struct, IBinaryInteger<T>
    {
        switch (op)
        {
            case IrOp.And: for (var i = 0; i < result.Length; i++) { result[i] = a[i] & b[i]; } break;
            case IrOp.Or: for (var i = 0; i < result.Length; i++) { result[i] = a[i] | b[i]; } break;
            case IrOp.Xor: for (var i = 0; i < result.Length; i++) { result[i] = a[i] ^ b[i]; } break;
            case IrOp.ShiftLeft: for (var i = 0; i < result.Length; i++) { result[i] = a[i] << Count(b[i]); } break;
            case IrOp.ShiftRight: for (var i = 0; i < result.Length; i++) { result[i] = a[i] >> Count(b[i]); } break;
            default: for (var i = 0; i < result.Length; i++) { result[i] = a[i] >>> Count(b[i]); } break;
        }
    }

    private static int Count<T>(T value)
        where T : struct, IBinaryInteger<T> => int.CreateTruncating(value) & ((System.Runtime.CompilerServices.Unsafe.SizeOf<T>() * 8) - 1);
}
