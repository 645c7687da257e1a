using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>About forty values of each type at which arithmetic goes wrong when it goes wrong: zeros, subnormals, infinities, NaN, ties, the ends of ranges.</summary>
internal static class ProbeValues
{
    private static readonly float[] Floats =
    [
        0f, -0f, 1f, -1f, 0.5f, -0.5f, 1.5f, -1.5f, 2.5f, 3f, -7.25f, 0.1f, 0.49999997f, 0.50000006f, 8388607.5f, 8388609f, -16777217f,
        float.Epsilon, -float.Epsilon, 1e-42f, -3e-40f, 1.1754942e-38f, 1.17549435e-38f, -1.17549435e-38f, float.MaxValue, float.MinValue, float.PositiveInfinity,
        float.NegativeInfinity, float.NaN, 2147483647f, -2147483648f, 2147483520f, 4294967296f, 9.223372e18f, -9.223372e18f,
        1e30f, 3.1415927f, -2.7182817f, 0.33333334f, 65504f,
    ];

    private static readonly double[] Doubles =
    [
        0, -0.0, 1, -1, 0.5, -0.5, 1.5, -1.5, 2.5, 3, -7.25, 0.1, 0.49999999999999994, 0.5000000000000001, 4503599627370495.5, 4503599627370497.5,
        -9007199254740993, double.Epsilon, -double.Epsilon, 1e-310, 2.2250738585072009e-308, -2.2250738585072014e-308, double.MaxValue, double.MinValue,
        double.PositiveInfinity, double.NegativeInfinity, double.NaN, 2147483647.5, -2147483648.9, 9223372036854774784.0, 9223372036854775808.0,
        -9223372036854775808.0, -9223372036854777856.0, 1e30, 1e300, Math.PI, 3.4028235677973366e38, 7.006492321624085e-46, 16777217, 1.0 / 3,
    ];

    private static readonly int[] Integers =
    [
        0, 1, -1, 2, -2, 3, -3, 7, 10, -10, 31, 32, 33, 63, 64, 65, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, -32769, 65535, 65536,
        16777216, 16777217, -16777217, 1 << 30, int.MaxValue, int.MaxValue - 1, int.MinValue, int.MinValue + 1, 0x55555555, 0x7f800000, -8388608, 46341,
    ];

    private static readonly long[] Longs =
    [
        0, 1, -1, 2, -2, 3, -3, 7, -10, 31, 32, 63, 64, 65, 127, 255, 65536, int.MaxValue, int.MinValue, int.MaxValue + 1L, int.MinValue - 1L,
        uint.MaxValue, uint.MaxValue + 1L, 1L << 52, (1L << 53) + 1, -(1L << 53) - 1, (1L << 24) + 1, (1L << 62) + (1L << 38) + 1, (1L << 62) + (1L << 38),
        0x7fffff4000000001, 0x7fffffc000000000, 3037000500, long.MaxValue, long.MaxValue - 1, long.MinValue, long.MinValue + 1, 0x5555555555555555,
        0x123456789abcdef, -0x123456789abcdef, 1L << 40,
    ];

    /// <summary>The values, as bits.</summary>
    public static ulong[] Of(IrType type) => type switch
    {
        IrType.Int32 => Array.ConvertAll(Integers, value => (ulong)(uint)value),
        IrType.Int64 => Array.ConvertAll(Longs, value => (ulong)value),
        IrType.Float32 => Array.ConvertAll(Floats, value => (ulong)BitConverter.SingleToUInt32Bits(value)),
        _ => Array.ConvertAll(Doubles, BitConverter.DoubleToUInt64Bits),
    };

    /// <summary>Every combination of <paramref name="operands"/> values: the elements of one operand.</summary>
    public static byte[] Combined(IrType type, int operands, int operand)
    {
        var values = Of(type);
        var count = Count(type, operands);
        var step = (int)Math.Pow(values.Length, operand);
        var bytes = new byte[count * type.Size()];
        for (var i = 0; i < count; i++)
        {
            BitConverter.GetBytes(values[i / step % values.Length]).AsSpan(0, type.Size()).CopyTo(bytes.AsSpan(i * type.Size()));
        }

        return bytes;
    }

    public static int Count(IrType type, int operands) => (int)Math.Pow(Of(type).Length, operands);

    public static DType Storage(IrType type) => type switch
    {
        IrType.Bool => DType.Bool,
        IrType.Int32 => DType.Int32,
        IrType.Int64 => DType.Int64,
        IrType.Float32 => DType.Float32,
        _ => DType.Float64,
    };
}
