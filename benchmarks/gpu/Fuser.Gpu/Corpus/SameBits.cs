using System.Runtime.InteropServices;
using Fuser.Kernels.Tensors;

namespace Fuser.Gpu.Corpus;

/// <summary>Compares results as the contract has it: the same bits, and any NaN is as good as any other.</summary>
internal static class SameBits
{
    /// <summary>The first difference in words, or null.</summary>
    public static string? Difference(IReadOnlyList<NdArray> wanted, IReadOnlyList<NdArray> got)
    {
        if (wanted.Count != got.Count)
        {
            return $"there are {got.Count} outputs, not {wanted.Count}";
        }

        for (var i = 0; i < wanted.Count; i++)
        {
            if (Difference(wanted[i], got[i]) is { } difference)
            {
                return $"output {i}: {difference}";
            }
        }

        return null;
    }

    private static string? Difference(NdArray wanted, NdArray got)
    {
        if (wanted.DType != got.DType || !wanted.Shape.SequenceEqual(got.Shape))
        {
            return $"got {got.DType} [{string.Join(", ", got.Shape)}], wanted {wanted.DType} [{string.Join(", ", wanted.Shape)}]";
        }

        return wanted.DType switch
        {
            DType.Float16 => Elements<Half>(wanted, got, Half.IsNaN),
            DType.BFloat16 => Elements<BFloat16>(wanted, got, static value => float.IsNaN(value)),
            DType.Float32 => Elements<float>(wanted, got, float.IsNaN),
            DType.Float64 => Elements<double>(wanted, got, double.IsNaN),
            DType.Bool => Elements<bool>(wanted, got, static _ => false),
            DType.UInt8 => Elements<byte>(wanted, got, static _ => false),
            DType.Int8 => Elements<sbyte>(wanted, got, static _ => false),
            DType.Int16 => Elements<short>(wanted, got, static _ => false),
            DType.Int32 => Elements<int>(wanted, got, static _ => false),
            _ => Elements<long>(wanted, got, static _ => false),
        };
    }

    private static string? Elements<T>(NdArray wanted, NdArray got, Func<T, bool> isNaN)
        where T : unmanaged
    {
        var (left, right) = (wanted.ToArray<T>(), got.ToArray<T>());
        for (var i = 0; i < left.Length; i++)
        {
            if (!Bytes(ref left[i]).SequenceEqual(Bytes(ref right[i])) && !(isNaN(left[i]) && isNaN(right[i])))
            {
                return $"element {i}: got {right[i]} (0x{Hex(ref right[i])}), wanted {left[i]} (0x{Hex(ref left[i])})";
            }
        }

        return null;
    }

    private static ReadOnlySpan<byte> Bytes<T>(ref T value)
        where T : unmanaged => MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref value, 1));

    private static string Hex<T>(ref T value)
        where T : unmanaged
    {
        var bytes = Bytes(ref value).ToArray();
        Array.Reverse(bytes); // written with the highest digit first
        return Convert.ToHexStringLower(bytes);
    }
}
