using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fuser.Kernels.Targets.Simd.Lanes;

/// <summary>What <see cref="Vector256"/> lacks, under the names the emitter asks for; without an instruction, two halves of 128 bits.</summary>
internal static unsafe class Lanes256
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadUInt8(byte* address) =>
        Avx2.IsSupported ? Avx2.ConvertToVector256Int32(address) : Vector256.Create(Lanes128.LoadUInt8(address), Lanes128.LoadUInt8(address + 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadInt8(byte* address) =>
        Avx2.IsSupported ? Avx2.ConvertToVector256Int32((sbyte*)address) : Vector256.Create(Lanes128.LoadInt8(address), Lanes128.LoadInt8(address + 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadInt16(byte* address) =>
        Avx2.IsSupported ? Avx2.ConvertToVector256Int32((short*)address) : Vector256.Create(Lanes128.LoadInt16(address), Lanes128.LoadInt16(address + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadUInt16(byte* address) =>
        Avx2.IsSupported ? Avx2.ConvertToVector256Int32((ushort*)address) : Vector256.Create(Lanes128.LoadUInt16(address), Lanes128.LoadUInt16(address + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LoadBool(byte* address) => Vector256.GreaterThan(LoadUInt8(address), Vector256<int>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt8(byte* address, Vector256<int> value)
    {
        var shorts = Vector128.Narrow(value.GetLower(), value.GetUpper());
        Unsafe.WriteUnaligned(address, Vector128.Narrow(shorts, shorts).AsUInt64().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt16(byte* address, Vector256<int> value) => Vector128.Narrow(value.GetLower(), value.GetUpper()).Store((short*)address);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBool(byte* address, Vector256<int> mask) => StoreInt8(address, mask & Vector256<int>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Int32ToFloat64Lower(Vector256<int> value) => Int32ToFloat64(value.GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Int32ToFloat64Upper(Vector256<int> value) => Int32ToFloat64(value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Float64ToInt32(Vector256<double> lower, Vector256<double> upper) =>
        Avx.IsSupported
            ? Vector256.Create(Avx.ConvertToVector128Int32WithTruncation(ClampToInt32(lower)), Avx.ConvertToVector128Int32WithTruncation(ClampToInt32(upper)))
            : Vector256.Create(Lanes128.Float64ToInt32(lower.GetLower(), lower.GetUpper()), Lanes128.Float64ToInt32(upper.GetLower(), upper.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Int64ToFloat32(Vector256<long> lower, Vector256<long> upper) =>
        Avx512DQ.VL.IsSupported
            ? Vector256.Create(Avx512DQ.VL.ConvertToVector128Single(lower), Avx512DQ.VL.ConvertToVector128Single(upper))
            : Vector256.Create(Lanes128.Int64ToFloat32(lower.GetLower(), lower.GetUpper()), Lanes128.Int64ToFloat32(upper.GetLower(), upper.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector256<int> IntegerDivide(Vector256<int> a, Vector256<int> b)
    {
        if (Vector256.EqualsAny(b, Vector256<int>.Zero))
        {
            throw new DivideByZeroException();
        }

        var quotient = Float64ToInt32(Int32ToFloat64Lower(a) / Int32ToFloat64Lower(b), Int32ToFloat64Upper(a) / Int32ToFloat64Upper(b));
        return Vector256.ConditionalSelect(Vector256.Equals(b, Vector256<int>.AllBitsSet), -a, quotient);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector256<int> IntegerRemainder(Vector256<int> a, Vector256<int> b) => a - (IntegerDivide(a, b) * b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> ShiftLeftVariable(Vector256<int> a, Vector256<int> count) =>
        Avx2.IsSupported ? Avx2.ShiftLeftLogicalVariable(a, (count & Vector256.Create(31)).AsUInt32()) : PerLane.ShiftLeftVariable<Vector256<int>, int>(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> ShiftLeftVariable(Vector256<long> a, Vector256<long> count) =>
        Avx2.IsSupported ? Avx2.ShiftLeftLogicalVariable(a, (count & Vector256.Create(63L)).AsUInt64()) : PerLane.ShiftLeftVariable<Vector256<long>, long>(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> ShiftRightLogicalVariable(Vector256<int> a, Vector256<int> count) =>
        Avx2.IsSupported ? Avx2.ShiftRightLogicalVariable(a, (count & Vector256.Create(31)).AsUInt32()) : PerLane.ShiftRightLogicalVariable<Vector256<int>, int>(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> ShiftRightLogicalVariable(Vector256<long> a, Vector256<long> count) =>
        Avx2.IsSupported ? Avx2.ShiftRightLogicalVariable(a, (count & Vector256.Create(63L)).AsUInt64()) : PerLane.ShiftRightLogicalVariable<Vector256<long>, long>(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> ShiftRightArithmeticVariable(Vector256<int> a, Vector256<int> count) =>
        Avx2.IsSupported ? Avx2.ShiftRightArithmeticVariable(a, (count & Vector256.Create(31)).AsUInt32()) : PerLane.ShiftRightArithmeticVariable<Vector256<int>, int>(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> ShiftRightArithmeticVariable(Vector256<long> a, Vector256<long> count) =>
        Avx512F.VL.IsSupported ? Avx512F.VL.ShiftRightArithmeticVariable(a, (count & Vector256.Create(63L)).AsUInt64()) : PerLane.ShiftRightArithmeticVariable<Vector256<long>, long>(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> LookUp32(byte* table, Vector256<int> index) =>
        Avx2.IsSupported
            ? Avx2.GatherVector256((int*)table, index, 4)
            : Vector256.Create(Lanes128.LookUp32(table, index.GetLower()), Lanes128.LookUp32(table, index.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> LookUp64Lower(byte* table, Vector256<int> index) => LookUp64(table, index.GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<long> LookUp64Upper(byte* table, Vector256<int> index) => LookUp64(table, index.GetUpper());

    public static Vector256<long> IndexOffsetsLower(long step) => Vector256<long>.Indices * step;

    public static Vector256<long> IndexOffsetsUpper(long step) => (Vector256<long>.Indices + Vector256.Create(4L)) * step;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Int32ToFloat64(Vector128<int> value) =>
        Avx.IsSupported ? Avx.ConvertToVector256Double(value) : Vector256.Create(Lanes128.Int32ToFloat64Lower(value), Lanes128.Int32ToFloat64Upper(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> LookUp64(byte* table, Vector128<int> index) =>
        Avx2.IsSupported ? Avx2.GatherVector256((long*)table, index, 8) : Vector256.Create(Lanes128.LookUp64Lower(table, index), Lanes128.LookUp64Upper(table, index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> ClampToInt32(Vector256<double> value)
    {
        var low = Vector256.Create((double)int.MinValue);
        var high = Vector256.Create((double)int.MaxValue);
        value = Vector256.ConditionalSelect(Vector256.LessThan(value, low), low, value);
        value = Vector256.ConditionalSelect(Vector256.GreaterThan(value, high), high, value);
        return value & Vector256.Equals(value, value);
    }
}
