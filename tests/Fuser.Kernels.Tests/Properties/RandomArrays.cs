using System.Collections.Immutable;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Properties;

/// <summary>Arrays with random values, awkward ones among them, and random layouts.</summary>
internal static class RandomArrays
{
    public static readonly DType[] DTypes = Enum.GetValues<DType>();

    /// <summary>An array of the shape, permuted, sliced, reversed or repeated in memory.</summary>
    public static NdArray Create(Random random, DType dtype, ImmutableArray<long> shape) => Create(random, dtype, Layout(random, shape, mayRepeat: true));

    /// <summary>An array with that layout over memory that is larger than it needs.</summary>
    public static NdArray Create(Random random, DType dtype, TensorLayout layout)
    {
        var length = layout.ElementCount == 0 ? 1 : (int)layout.Extent.Highest + 1 + random.Next(4);
        return dtype switch
        {
            DType.Bool => Fill(length, dtype, layout, () => random.Next(2) == 0),
            DType.UInt8 => Fill(length, dtype, layout, () => (byte)Integer(random)),
            DType.Int8 => Fill(length, dtype, layout, () => (sbyte)Integer(random)),
            DType.Int16 => Fill(length, dtype, layout, () => (short)Integer(random)),
            DType.Int32 => Fill(length, dtype, layout, () => (int)Integer(random)),
            DType.Int64 => Fill(length, dtype, layout, () => Integer(random)),
            DType.Float16 => Fill(length, dtype, layout, () => (Half)Real(random)),
            DType.BFloat16 => Fill(length, dtype, layout, () => (BFloat16)(float)Real(random)),
            DType.Float32 => Fill(length, dtype, layout, () => (float)Real(random)),
            _ => Fill(length, dtype, layout, () => Real(random)),
        };
    }

    /// <summary>A layout of a shape: axes in any order, gaps, negative strides, and perhaps strides of 0.</summary>
    public static TensorLayout Layout(Random random, ImmutableArray<long> shape, bool mayRepeat)
    {
        if (random.Next(3) == 0)
        {
            return TensorLayout.Contiguous(shape);
        }

        var order = Enumerable.Range(0, shape.Length).ToArray();
        if (random.Next(2) == 0)
        {
            random.Shuffle(order);
        }

        var strides = new long[shape.Length];
        long stride = random.Next(4) == 0 ? 2 + random.Next(2) : 1;
        long offset = random.Next(3);
        foreach (var axis in order.Reverse())
        {
            if (mayRepeat && random.Next(8) == 0)
            {
                continue;
            }

            strides[axis] = stride;
            stride *= Math.Max(shape[axis], 1) + (random.Next(5) == 0 ? random.Next(3) : 0);
            if (random.Next(6) == 0)
            {
                offset += Math.Max(0, shape[axis] - 1) * strides[axis];
                strides[axis] = -strides[axis];
            }
        }

        return new TensorLayout(shape, [.. strides], offset);
    }

    public static double Real(Random random) => random.Next(12) switch
    {
        0 => Pick(random, 0.0, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e-310, 1e-40, -1e-40, 6e-8, 1e300, -3e38, 65504, 1e9),
        1 => random.Next(-5, 6),
        2 => random.Next(-9, 10) + 0.5,
        3 => (random.NextDouble() - 0.5) * 1e4,
        _ => (random.NextDouble() - 0.5) * 6,
    };

    public static long Integer(Random random) => random.Next(8) switch
    {
        0 => Pick(random, 0, 1, -1, 127, -128, 255, 32767, -32768, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue),
        1 => random.NextInt64(),
        _ => random.Next(-9, 10),
    };

    public static T Pick<T>(Random random, params T[] items) => items[random.Next(items.Length)];

    private static NdArray Fill<T>(int length, DType dtype, TensorLayout layout, Func<T> next)
        where T : unmanaged
    {
        var data = new T[length];
        for (var i = 0; i < length; i++)
        {
            data[i] = next();
        }

        return NdArray.From(data, dtype, layout);
    }
}
