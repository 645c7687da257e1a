using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.IsaCheck;

/// <summary>Values where arithmetic goes wrong when it goes wrong, as bits.</summary>
internal static class EdgeValues
{
    private static readonly float[] s_floats =
    [
        0f, -0f, 1f, -1f, 0.5f, -0.5f, 1.5f, -1.5f, 2.5f, 3f, -7.25f, 1e-3f, 0.49999997f, 0.50000006f, 8388607.5f, 8388609f, -16777217f,
        float.Epsilon, -float.Epsilon, 1.1754942e-38f, -1.17549435e-38f, float.MaxValue, float.MinValue, float.PositiveInfinity,
        float.NegativeInfinity, float.NaN, 2147483647f, -2147483648f, 2147483520f, -2147483904f, 4294967296f, 9.2233720e18f, -9.2233720e18f,
        9.2233715e18f, 1e30f, 3.1415927f, -2.7182817f, 127f, 255f, 65504f,
    ];

    private static readonly double[] s_doubles =
    [
        0, -0.0, 1, -1, 0.5, -0.5, 1.5, -1.5, 2.5, 3, -7.25, 1e-3, 0.49999999999999994, 0.5000000000000001, 4503599627370495.5, 4503599627370497.5,
        -9007199254740993, double.Epsilon, -double.Epsilon, 2.2250738585072009e-308, -2.2250738585072014e-308, double.MaxValue, double.MinValue,
        double.PositiveInfinity, double.NegativeInfinity, double.NaN, 2147483647, 2147483647.5, -2147483648, -2147483648.9, -2147483649,
        2147483648, 9223372036854774784.0, 9223372036854775808.0, -9223372036854775808.0, -9223372036854777856.0, 1e30, 1e300, Math.PI, 1e-320,
        3.4028235677973366e38, 1.401298464324817e-45, 7.006492321624085e-46, 16777217, 1.00000005960464477539,
    ];

    private static readonly int[] s_integers =
    [
        0, 1, -1, 2, -2, 3, -3, 7, 10, -10, 31, 32, 33, 63, 64, 65, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, -32769, 65535, 65536,
        16777216, 16777217, -16777217, 1 << 30, int.MaxValue, int.MaxValue - 1, int.MinValue, int.MinValue + 1, 0x55555555, 0x7f800000, 0x7fc00000, 46341,
    ];

    private static readonly long[] s_longs =
    [
        0, 1, -1, 2, -2, 3, -3, 7, -10, 31, 32, 63, 64, 65, 127, 255, 65536, int.MaxValue, int.MinValue, int.MaxValue + 1L, int.MinValue - 1L,
        uint.MaxValue, uint.MaxValue + 1L, 1L << 52, (1L << 53) + 1, -(1L << 53) - 1, (1L << 24) + 1, (1L << 62) + (1L << 38) + 1, (1L << 62) + (1L << 38),
        0x7fffff4000000001, 0x7fffffc000000000, 3037000500, long.MaxValue, long.MaxValue - 1, long.MinValue, long.MinValue + 1, 0x5555555555555555,
        0x123456789abcdef, -0x123456789abcdef, 1L << 40,
    ];

    /// <summary>Edge values of a type, as bits; a bool's are 0 and 1.</summary>
    public static ulong[] Of(IrType type) => type switch
    {
        IrType.Bool => [0, 1],
        IrType.Int32 => Array.ConvertAll(s_integers, value => (ulong)(uint)value),
        IrType.Int64 => Array.ConvertAll(s_longs, value => (ulong)value),
        IrType.Float32 => Array.ConvertAll(s_floats, value => (ulong)BitConverter.SingleToUInt32Bits(value)),
        _ => Array.ConvertAll(s_doubles, BitConverter.DoubleToUInt64Bits),
    };

    /// <summary>Bits to store in an element of a dtype: an edge value half of the time, else a plain number or any bits.</summary>
    public static ulong Draw(Random random, DType dtype)
    {
        if (dtype == DType.Bool)
        {
            // Any byte but 0 is true.
            return random.Next(4) switch { 0 => 1, 1 => (ulong)random.Next(256), _ => 0 };
        }

        var type = IrTypes.OfStorage(dtype);
        var edges = Of(type);
        return random.Next(4) switch
        {
            0 or 1 => edges[random.Next(edges.Length)],
            2 => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
            _ => type switch
            {
                IrType.Float32 => BitConverter.SingleToUInt32Bits((float)((random.NextDouble() * 20) - 10)),
                IrType.Float64 => BitConverter.DoubleToUInt64Bits((random.NextDouble() * 20) - 10),
                _ => (ulong)random.Next(-100, 100),
            },
        };
    }
}
