using System.Runtime.InteropServices;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Properties;

/// <summary>Compares arrays bit for bit; any NaN equals any NaN.</summary>
internal static class Bits
{
    public static void ShouldBeSame(IReadOnlyList<NdArray> actual, IReadOnlyList<NdArray> expected, string what)
    {
        actual.Count.ShouldBe(expected.Count, what);
        for (var i = 0; i < actual.Count; i++)
        {
            ShouldBeSame(actual[i], expected[i], $"output {i} of {what}");
        }
    }

    public static void ShouldBeSame(NdArray actual, NdArray expected, string what)
    {
        actual.DType.ShouldBe(expected.DType, what);
        actual.Shape.AsSpan().SequenceEqual(expected.Shape.AsSpan()).ShouldBeTrue($"{actual.Layout} is not {expected.Layout}: {what}");
        var (a, b) = (Of(actual), Of(expected));
        for (var i = 0; i < a.Length; i++)
        {
            if (a[i] != b[i])
            {
                throw new ShouldAssertException($"element {i} of {actual.DType.DisplayName()}{Shapes.Text(actual.Shape.AsSpan())} is {a[i]:x}, should be {b[i]:x}: {what}");
            }
        }
    }

    /// <summary>The elements in row-major order as integers, all NaNs made one.</summary>
    public static ulong[] Of(NdArray array) => array.DType switch
    {
        DType.Bool => Convert<bool>(array, value => value ? 1u : 0),
        DType.UInt8 => Convert<byte>(array, value => value),
        DType.Int8 => Convert<sbyte>(array, value => (byte)value),
        DType.Int16 => Convert<short>(array, value => (ushort)value),
        DType.Int32 => Convert<int>(array, value => (uint)value),
        DType.Int64 => Convert<long>(array, value => (ulong)value),
        DType.Float16 => Convert<Half>(array, value => Half.IsNaN(value) ? 0x7e00u : BitConverter.HalfToUInt16Bits(value)),
        DType.BFloat16 => Convert<BFloat16>(array, value => float.IsNaN(value) ? 0x7fc0u : value.Bits),
        DType.Float32 => Convert<float>(array, value => float.IsNaN(value) ? 0x7fc00000u : BitConverter.SingleToUInt32Bits(value)),
        _ => Convert<double>(array, value => double.IsNaN(value) ? 0x7ff8000000000000u : BitConverter.DoubleToUInt64Bits(value)),
    };

    private static ulong[] Convert<T>(NdArray array, Func<T, ulong> bits)
        where T : unmanaged
    {
        // A bool is compared as its byte: 2 is no truth value.
        if (typeof(T) == typeof(bool))
        {
            return Array.ConvertAll(MemoryMarshal.Cast<bool, byte>(array.ToArray<bool>()).ToArray(), value => (ulong)value);
        }

        return Array.ConvertAll(array.ToArray<T>(), value => bits(value));
    }
}
