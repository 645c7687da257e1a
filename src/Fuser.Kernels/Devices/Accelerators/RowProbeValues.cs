using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Devices.Accelerators;

/// <summary>Rows whose reductions tell wrong orders, lost signs of zero, lost NaN and flushed subnormals apart from what is right.</summary>
internal static class RowProbeValues
{
    /// <summary>Name, and the element at a place of a row of some length: as a float, and for integer types.</summary>
    private static readonly (string Name, Func<int, int, double> Float, Func<int, int, long> Integer)[] Kinds =
    [
        ("terms that cancel", (i, _) => (i % 3) switch { 0 => 1e16 + i, 1 => 1 + (i * 0.001), _ => -1e16 }, (i, _) => (i * 0x123456789abcdef) - i),
        ("factors near 1", (i, _) => 1 + (((i * 37 % 101) - 50) / 1000.0), (i, _) => (i * 37 % 101) | 1),
        ("zeros, -0 last", (i, n) => i == n - 1 || i % 3 == 0 ? -0.0 : 0, (i, n) => i == n - 1 ? -1 : 0),
        ("zeros, 0 last", (i, n) => i == n - 1 || i % 3 != 0 ? 0 : -0.0, (i, n) => i == 0 ? 1 : 0),
        ("-0 throughout", (_, _) => -0.0, (_, _) => -1),
        ("infinities of both signs", (i, n) => i == n / 3 ? double.PositiveInfinity : i == n / 3 * 2 ? double.NegativeInfinity : i % 7, (i, n) => i == n / 3 ? long.MaxValue : i == n / 3 * 2 ? long.MinValue : i % 7),
        ("a NaN", (i, n) => i == n / 4 * 3 ? double.NaN : 1 + (i % 5), (i, n) => i == n / 4 * 3 ? int.MinValue : 1 + (i % 5)),
        ("the greatest and the least several times", (i, n) => i % (n / 5) == 3 ? 8 : i % (n / 4) == 2 ? -8 : i % 5 / 5.0, (i, n) => i % (n / 5) == 3 ? 8 : i % (n / 4) == 2 ? -8 : i % 5),
        ("subnormals", (i, _) => i % 50 == 1 ? 1.5 : 1e-41 * ((i % 9) - 4), (i, _) => int.MaxValue - (i % 9)),
        ("true but for one", (i, n) => i == n - 2 ? 0 : -3, (i, n) => i == n - 2 ? 0 : -3),
    ];

    public static int Count => Kinds.Length;

    /// <summary>An array of rows, from the given one on.</summary>
    public static NdArray Rows(DType dtype, TensorLayout layout, int first)
    {
        var array = NdArray.Allocate(dtype, [layout.Sizes[0], layout.Sizes[1]]);
        var length = (int)layout.Sizes[1];
        switch (dtype)
        {
            case DType.Float32: Fill<float>(array, (row, i) => (float)Kinds[row].Float(i, length), layout, first); break;
            case DType.Float64: Fill<double>(array, (row, i) => Kinds[row].Float(i, length), layout, first); break;
            case DType.Int32: Fill<int>(array, (row, i) => (int)Kinds[row].Integer(i, length), layout, first); break;
            default: Fill<long>(array, (row, i) => Kinds[row].Integer(i, length), layout, first); break;
        }

        return array.WithLayout(layout);
    }

    /// <summary>A row in words, with its first elements.</summary>
    public static string Describe(DType dtype, int row, int length)
    {
        var (name, ofFloat, ofInteger) = Kinds[row % Count];
        var few = Enumerable.Range(0, 4).Select(i => dtype switch
        {
            DType.Float32 => ((float)ofFloat(i, length)).ToString("R", CultureInfo.InvariantCulture),
            DType.Float64 => ofFloat(i, length).ToString("R", CultureInfo.InvariantCulture),
            DType.Int32 => ((int)ofInteger(i, length)).ToString(CultureInfo.InvariantCulture),
            _ => ofInteger(i, length).ToString(CultureInfo.InvariantCulture),
        });
        return $"{length} elements, {name}: {string.Join(", ", few)}, ...";
    }

    private static void Fill<T>(NdArray array, Func<int, int, T> element, TensorLayout layout, int first)
        where T : unmanaged
    {
        var values = MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref array.First), (int)array.ElementCount);
        for (var row = 0; row < layout.Sizes[0]; row++)
        {
            for (var i = 0; i < layout.Sizes[1]; i++)
            {
                values[(int)((row * layout.Strides[0]) + (i * layout.Strides[1]))] = element((first + row) % Count, i);
            }
        }
    }
}
