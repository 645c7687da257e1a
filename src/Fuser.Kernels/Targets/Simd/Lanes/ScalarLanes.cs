using System.Runtime.CompilerServices;

namespace Fuser.Kernels.Targets.Simd.Lanes;

/// <summary>What code without vectors calls where the vector widths have an instruction: the same names over single numbers. Loads that
/// widen are not inlined: .NET 10's JIT compiler turns such a load followed by a cast of its bits to float into one 4-byte load.</summary>
internal static unsafe class ScalarLanes
{
    public static int LoadBool(byte* address) => *address != 0 ? -1 : 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int LoadUInt8(byte* address) => *address;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int LoadInt8(byte* address) => (sbyte)*address;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int LoadInt16(byte* address) => Unsafe.ReadUnaligned<short>(address);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int LoadUInt16(byte* address) => Unsafe.ReadUnaligned<ushort>(address);

    public static void StoreBool(byte* address, int mask) => *address = (byte)(mask & 1);

    public static void StoreInt8(byte* address, int value) => *address = (byte)value;

    public static void StoreInt16(byte* address, int value) => Unsafe.WriteUnaligned(address, (short)value);

    public static float Sqrt(float a) => MathF.Sqrt(a);

    public static double Sqrt(double a) => Math.Sqrt(a);

    public static float Floor(float a) => MathF.Floor(a);

    public static double Floor(double a) => Math.Floor(a);

    public static float Round(float a) => MathF.Round(a);

    public static double Round(double a) => Math.Round(a);

    public static float Truncate(float a) => MathF.Truncate(a);

    public static double Truncate(double a) => Math.Truncate(a);

    public static float FusedMultiplyAdd(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    public static double FusedMultiplyAdd(double a, double b, double c) => Math.FusedMultiplyAdd(a, b, c);

    public static T ConditionalSelect<T>(int mask, T whenTrue, T whenFalse) => mask != 0 ? whenTrue : whenFalse;

    public static int AsInteger(float a) => BitConverter.SingleToInt32Bits(a);

    public static long AsInteger(double a) => BitConverter.DoubleToInt64Bits(a);

    public static float AsFloat(int a) => BitConverter.Int32BitsToSingle(a);

    public static double AsFloat(long a) => BitConverter.Int64BitsToDouble(a);

    public static int ConvertToInt32Native(float a) => float.ConvertToIntegerNative<int>(a);

    public static int ConvertToInt32(float a) => int.CreateSaturating(a);

    public static int ConvertToInt32(double a) => int.CreateSaturating(a);

    public static long ConvertToInt64(float a) => long.CreateSaturating(a);

    public static long ConvertToInt64(double a) => long.CreateSaturating(a);

    public static int LookUp32(byte* table, int index) => ((int*)table)[index];

    public static long LookUp64Lower(byte* table, int index) => ((long*)table)[index];

    public static long IndexOffsetsLower(long step) => 0;
}
