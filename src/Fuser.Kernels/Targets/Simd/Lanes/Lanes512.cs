using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fuser.Kernels.Targets.Simd.Lanes;

/// <summary>What <see cref="Vector512"/> lacks, under the names the emitter asks for; without an instruction, two halves of 256 bits.</summary>
internal static unsafe class Lanes512
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadUInt8(byte* address) =>
        Avx512F.IsSupported
            ? Avx512F.ConvertToVector512Int32(Vector128.Load(address))
            : Vector512.Create(Lanes256.LoadUInt8(address), Lanes256.LoadUInt8(address + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadInt8(byte* address) =>
        Avx512F.IsSupported
            ? Avx512F.ConvertToVector512Int32(Vector128.Load((sbyte*)address))
            : Vector512.Create(Lanes256.LoadInt8(address), Lanes256.LoadInt8(address + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadInt16(byte* address) =>
        Avx512F.IsSupported
            ? Avx512F.ConvertToVector512Int32(Vector256.Load((short*)address))
            : Vector512.Create(Lanes256.LoadInt16(address), Lanes256.LoadInt16(address + 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadUInt16(byte* address) =>
        Avx512F.IsSupported
            ? Avx512F.ConvertToVector512Int32(Vector256.Load((ushort*)address))
            : Vector512.Create(Lanes256.LoadUInt16(address), Lanes256.LoadUInt16(address + 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadBool(byte* address) => Vector512.GreaterThan(LoadUInt8(address), Vector512<int>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt8(byte* address, Vector512<int> value)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.ConvertToVector128SByte(value).Store((sbyte*)address);
        }
        else
        {
            Lanes256.StoreInt8(address, value.GetLower());
            Lanes256.StoreInt8(address + 8, value.GetUpper());
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreInt16(byte* address, Vector512<int> value)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.ConvertToVector256Int16(value).Store((short*)address);
        }
        else
        {
            Lanes256.StoreInt16(address, value.GetLower());
            Lanes256.StoreInt16(address + 16, value.GetUpper());
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBool(byte* address, Vector512<int> mask) => StoreInt8(address, mask & Vector512<int>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Int32ToFloat64Lower(Vector512<int> value) => Int32ToFloat64(value.GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Int32ToFloat64Upper(Vector512<int> value) => Int32ToFloat64(value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Float64ToInt32(Vector512<double> lower, Vector512<double> upper) =>
        Avx512F.IsSupported
            ? Vector512.Create(Avx512F.ConvertToVector256Int32WithTruncation(ClampToInt32(lower)), Avx512F.ConvertToVector256Int32WithTruncation(ClampToInt32(upper)))
            : Vector512.Create(Lanes256.Float64ToInt32(lower.GetLower(), lower.GetUpper()), Lanes256.Float64ToInt32(upper.GetLower(), upper.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Int64ToFloat32(Vector512<long> lower, Vector512<long> upper) =>
        Avx512DQ.IsSupported
            ? Vector512.Create(Avx512DQ.ConvertToVector256Single(lower), Avx512DQ.ConvertToVector256Single(upper))
            : Vector512.Create(Lanes256.Int64ToFloat32(lower.GetLower(), lower.GetUpper()), Lanes256.Int64ToFloat32(upper.GetLower(), upper.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector512<int> IntegerDivide(Vector512<int> a, Vector512<int> b)
    {
        if (Vector512.EqualsAny(b, Vector512<int>.Zero))
        {
            throw new DivideByZeroException();
        }

        var quotient = Float64ToInt32(Int32ToFloat64Lower(a) / Int32ToFloat64Lower(b), Int32ToFloat64Upper(a) / Int32ToFloat64Upper(b));
        return Vector512.ConditionalSelect(Vector512.Equals(b, Vector512<int>.AllBitsSet), -a, quotient);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector512<int> IntegerRemainder(Vector512<int> a, Vector512<int> b) => a - (IntegerDivide(a, b) * b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> ShiftLeftVariable(Vector512<int> a, Vector512<int> count) =>
        Avx512F.IsSupported ? Avx512F.ShiftLeftLogicalVariable(a, (count & Vector512.Create(31)).AsUInt32()) : PerLane.ShiftLeftVariable<Vector512<int>, int>(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> ShiftLeftVariable(Vector512<long> a, Vector512<long> count) =>
        Avx512F.IsSupported ? Avx512F.ShiftLeftLogicalVariable(a, (count & Vector512.Create(63L)).AsUInt64()) : PerLane.ShiftLeftVariable<Vector512<long>, long>(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> ShiftRightLogicalVariable(Vector512<int> a, Vector512<int> count) =>
        Avx512F.IsSupported ? Avx512F.ShiftRightLogicalVariable(a, (count & Vector512.Create(31)).AsUInt32()) : PerLane.ShiftRightLogicalVariable<Vector512<int>, int>(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> ShiftRightLogicalVariable(Vector512<long> a, Vector512<long> count) =>
        Avx512F.IsSupported ? Avx512F.ShiftRightLogicalVariable(a, (count & Vector512.Create(63L)).AsUInt64()) : PerLane.ShiftRightLogicalVariable<Vector512<long>, long>(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> ShiftRightArithmeticVariable(Vector512<int> a, Vector512<int> count) =>
        Avx512F.IsSupported ? Avx512F.ShiftRightArithmeticVariable(a, (count & Vector512.Create(31)).AsUInt32()) : PerLane.ShiftRightArithmeticVariable<Vector512<int>, int>(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> ShiftRightArithmeticVariable(Vector512<long> a, Vector512<long> count) =>
        Avx512F.IsSupported ? Avx512F.ShiftRightArithmeticVariable(a, (count & Vector512.Create(63L)).AsUInt64()) : PerLane.ShiftRightArithmeticVariable<Vector512<long>, long>(a, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LookUp32(byte* table, Vector512<int> index) =>
        Vector512.Create(Lanes256.LookUp32(table, index.GetLower()), Lanes256.LookUp32(table, index.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> LookUp64Lower(byte* table, Vector512<int> index) => LookUp64(table, index.GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> LookUp64Upper(byte* table, Vector512<int> index) => LookUp64(table, index.GetUpper());

    public static Vector512<long> IndexOffsetsLower(long step) => Vector512<long>.Indices * step;

    public static Vector512<long> IndexOffsetsUpper(long step) => (Vector512<long>.Indices + Vector512.Create(8L)) * step;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Int32ToFloat64(Vector256<int> value) =>
        Avx512F.IsSupported
            ? Avx512F.ConvertToVector512Double(value)
            : Vector512.Create(Lanes256.Int32ToFloat64Lower(value), Lanes256.Int32ToFloat64Upper(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> LookUp64(byte* table, Vector256<int> index) =>
        Vector512.Create(Lanes256.LookUp64Lower(table, index), Lanes256.LookUp64Upper(table, index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> ClampToInt32(Vector512<double> value)
    {
        var low = Vector512.Create((double)int.MinValue);
        var high = Vector512.Create((double)int.MaxValue);
        value = Vector512.ConditionalSelect(Vector512.LessThan(value, low), low, value);
        value = Vector512.ConditionalSelect(Vector512.GreaterThan(value, high), high, value);
        return value & Vector512.Equals(value, value);
    }
}
