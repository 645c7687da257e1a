using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fuser.Kernels.Targets.Simd.Lanes;

/// <summary>
/// What <see cref="Vector128"/> lacks, under the names the emitter asks for. A 64-bit value of four lanes is two vectors,
/// called lower and upper; where a processor has no instruction the portable way stands beside it.
/// </summary>
internal static unsafe class Lanes128
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadUInt8(byte* address) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(address)).AsByte())).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadInt8(byte* address) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(address)).AsSByte()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadInt16(byte* address) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(address)).AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadUInt16(byte* address) =>
        Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(address)).AsUInt16()).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LoadBool(byte* address) => Vector128.GreaterThan(LoadUInt8(address), Vector128<int>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt8(byte* address, Vector128<int> value)
    {
        var shorts = Vector128.Narrow(value, value);
        Unsafe.WriteUnaligned(address, Vector128.Narrow(shorts, shorts).AsUInt32().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt16(byte* address, Vector128<int> value) =>
        Unsafe.WriteUnaligned(address, Vector128.Narrow(value, value).AsUInt64().ToScalar());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBool(byte* address, Vector128<int> mask) => StoreInt8(address, mask & Vector128<int>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Int32ToFloat64Lower(Vector128<int> value) =>
        Sse2.IsSupported ? Sse2.ConvertToVector128Double(value) : Vector128.ConvertToDouble(Vector128.WidenLower(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Int32ToFloat64Upper(Vector128<int> value) =>
        Sse2.IsSupported ? Sse2.ConvertToVector128Double(Vector128.Shuffle(value, Vector128.Create(2, 3, 2, 3))) : Vector128.ConvertToDouble(Vector128.WidenUpper(value));

    /// <summary>Clamped before it is converted: the bounds are exact in float64, and NaN becomes 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Float64ToInt32(Vector128<double> lower, Vector128<double> upper)
    {
        lower = ClampToInt32(lower);
        upper = ClampToInt32(upper);
        return Sse2.IsSupported
            ? Vector128.Create(Sse2.ConvertToVector128Int32WithTruncation(lower).GetLower(), Sse2.ConvertToVector128Int32WithTruncation(upper).GetLower())
            : Vector128.Narrow(Vector128.ConvertToInt64(lower), Vector128.ConvertToInt64(upper));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> ClampToInt32(Vector128<double> value)
    {
        var low = Vector128.Create((double)int.MinValue);
        var high = Vector128.Create((double)int.MaxValue);
        value = Vector128.ConditionalSelect(Vector128.LessThan(value, low), low, value);
        value = Vector128.ConditionalSelect(Vector128.GreaterThan(value, high), high, value);
        return value & Vector128.Equals(value, value);
    }

    /// <summary>Rounds once; by way of float64 it would round twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Int64ToFloat32(Vector128<long> lower, Vector128<long> upper) =>
        Avx512DQ.VL.IsSupported
            ? Vector128.Create(Avx512DQ.VL.ConvertToVector128Single(lower).GetLower(), Avx512DQ.VL.ConvertToVector128Single(upper).GetLower())
            : Vector128.Create((float)lower[0], lower[1], upper[0], upper[1]);

    /// <summary>By way of float64: the quotient of two 32-bit integers is far enough from the next integer for its rounding not to reach it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector128<int> IntegerDivide(Vector128<int> a, Vector128<int> b)
    {
        if (Vector128.EqualsAny(b, Vector128<int>.Zero))
        {
            throw new DivideByZeroException();
        }

        var quotient = Float64ToInt32(Int32ToFloat64Lower(a) / Int32ToFloat64Lower(b), Int32ToFloat64Upper(a) / Int32ToFloat64Upper(b));
        return Vector128.ConditionalSelect(Vector128.Equals(b, Vector128<int>.AllBitsSet), -a, quotient);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector128<int> IntegerRemainder(Vector128<int> a, Vector128<int> b) => a - (IntegerDivide(a, b) * b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> ShiftLeftVariable(Vector128<int> a, Vector128<int> count) =>
        Avx2.IsSupported ? Avx2.ShiftLeftLogicalVariable(a, (count & Vector128.Create(31)).AsUInt32()) : PerLane.ShiftLeftVariable<Vector128<int>, int>(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<long> ShiftLeftVariable(Vector128<long> a, Vector128<long> count) =>
        Avx2.IsSupported ? Avx2.ShiftLeftLogicalVariable(a, (count & Vector128.Create(63L)).AsUInt64()) : PerLane.ShiftLeftVariable<Vector128<long>, long>(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> ShiftRightLogicalVariable(Vector128<int> a, Vector128<int> count) =>
        Avx2.IsSupported ? Avx2.ShiftRightLogicalVariable(a, (count & Vector128.Create(31)).AsUInt32()) : PerLane.ShiftRightLogicalVariable<Vector128<int>, int>(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<long> ShiftRightLogicalVariable(Vector128<long> a, Vector128<long> count) =>
        Avx2.IsSupported ? Avx2.ShiftRightLogicalVariable(a, (count & Vector128.Create(63L)).AsUInt64()) : PerLane.ShiftRightLogicalVariable<Vector128<long>, long>(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> ShiftRightArithmeticVariable(Vector128<int> a, Vector128<int> count) =>
        Avx2.IsSupported ? Avx2.ShiftRightArithmeticVariable(a, (count & Vector128.Create(31)).AsUInt32()) : PerLane.ShiftRightArithmeticVariable<Vector128<int>, int>(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<long> ShiftRightArithmeticVariable(Vector128<long> a, Vector128<long> count) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.ShiftRightArithmeticVariable(a, (count & Vector128.Create(63L)).AsUInt64()) : PerLane.ShiftRightArithmeticVariable<Vector128<long>, long>(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> LookUp32(byte* table, Vector128<int> index) =>
        Avx2.IsSupported
            ? Avx2.GatherVector128((int*)table, index, 4)
            : Vector128.Create(((int*)table)[index[0]], ((int*)table)[index[1]], ((int*)table)[index[2]], ((int*)table)[index[3]]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<long> LookUp64Lower(byte* table, Vector128<int> index) =>
        Avx2.IsSupported ? Avx2.GatherVector128((long*)table, index, 8) : Vector128.Create(((long*)table)[index[0]], ((long*)table)[index[1]]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<long> LookUp64Upper(byte* table, Vector128<int> index) =>
        Avx2.IsSupported
            ? Avx2.GatherVector128((long*)table, Vector128.Shuffle(index, Vector128.Create(2, 3, 2, 3)), 8)
            : Vector128.Create(((long*)table)[index[2]], ((long*)table)[index[3]]);

    /// <summary>How far the index of each lane is from that of the first.</summary>
    public static Vector128<long> IndexOffsetsLower(long step) => Vector128<long>.Indices * step;

    public static Vector128<long> IndexOffsetsUpper(long step) => (Vector128<long>.Indices + Vector128.Create(2L)) * step;
}
