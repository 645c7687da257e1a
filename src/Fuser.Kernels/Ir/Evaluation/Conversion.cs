using System.Numerics;
using System.Runtime.InteropServices;

namespace Fuser.Kernels.Ir.Evaluation;

/// <summary>
/// Conversions between the types of a kernel. Floats to integers truncate and saturate, NaN gives 0 (C++ leaves
/// these undefined, and processors differ); integers narrow by dropping high bits.
/// </summary>
internal static class Conversion
{
    public static void Evaluate(IrType from, IrType to, ReadOnlySpan<byte> source, Span<byte> result)
    {
        switch (from)
        {
            case IrType.Bool: FromBool(to, source, result); break;
            case IrType.Int32: FromInteger(to, MemoryMarshal.Cast<byte, int>(source), result); break;
            case IrType.Int64: FromInteger(to, MemoryMarshal.Cast<byte, long>(source), result); break;
            case IrType.Float32: FromFloat(to, MemoryMarshal.Cast<byte, float>(source), result); break;
            default: FromFloat(to, MemoryMarshal.Cast<byte, double>(source), result); break;
        }
    }

    private static void FromBool(IrType to, ReadOnlySpan<byte> source, Span<byte> result)
    {
        switch (to)
        {
            case IrType.Int32: Widen<int>(source, MemoryMarshal.Cast<byte, int>(result)); break;
            case IrType.Int64: Widen<long>(source, MemoryMarshal.Cast<byte, long>(result)); break;
            case IrType.Float32: Widen<float>(source, MemoryMarshal.Cast<byte, float>(result)); break;
            default: Widen<double>(source, MemoryMarshal.Cast<byte, double>(result)); break;
        }
    }

    private static void Widen<T>(ReadOnlySpan<byte> source, Span<T> result)
        where T : struct, INumber<T>
    {
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = source[i] != 0 ? T.One : T.Zero;
        }
    }

    private static void FromInteger<T>(IrType to, ReadOnlySpan<T> source, Span<byte> result)
        where T : struct, IBinaryInteger<T>
    {
        switch (to)
        {
            case IrType.Bool:
                NotZero(source, result);
                break;
            case IrType.Int32:
                var i32 = MemoryMarshal.Cast<byte, int>(result);
                for (var i = 0; i < i32.Length; i++) { i32[i] = int.CreateTruncating(source[i]); }
                break;
            case IrType.Int64:
                var i64 = MemoryMarshal.Cast<byte, long>(result);
                for (var i = 0; i < i64.Length; i++) { i64[i] = long.CreateTruncating(source[i]); }
                break;
            default:
                ToFloat(to, source, result);
                break;
        }
    }

    private static void FromFloat<T>(IrType to, ReadOnlySpan<T> source, Span<byte> result)
        where T : struct, IBinaryFloatingPointIeee754<T>
    {
        switch (to)
        {
            case IrType.Bool:
                NotZero(source, result);
                break;
            case IrType.Int32:
                var i32 = MemoryMarshal.Cast<byte, int>(result);
                for (var i = 0; i < i32.Length; i++) { i32[i] = int.CreateSaturating(source[i]); }
                break;
            case IrType.Int64:
                var i64 = MemoryMarshal.Cast<byte, long>(result);
                for (var i = 0; i < i64.Length; i++) { i64[i] = long.CreateSaturating(source[i]); }
                break;
            default:
                ToFloat(to, source, result);
                break;
        }
    }

    private static void ToFloat<T>(IrType to, ReadOnlySpan<T> source, Span<byte> result)
        where T : struct, INumber<T>
    {
        if (to == IrType.Float32)
        {
            var f32 = MemoryMarshal.Cast<byte, float>(result);
            for (var i = 0; i < f32.Length; i++) { f32[i] = float.CreateTruncating(source[i]); }
        }
        else
        {
            var f64 = MemoryMarshal.Cast<byte, double>(result);
            for (var i = 0; i < f64.Length; i++) { f64[i] = double.CreateTruncating(source[i]); }
        }
    }

    private static void NotZero<T>(ReadOnlySpan<T> source, Span<byte> result)
        where T : struct, INumber<T>
    {
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = (byte)(source[i] != T.Zero ? 1 : 0);
        }
    }
}
