using System.Globalization;
using System.Runtime.InteropServices;
using Fuser.Kernels.Ir;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.IsaCheck;

/// <summary>The equality of the numerics contract: the same bits, except that any NaN equals any NaN.</summary>
internal static class Comparison
{
    /// <summary>Says where two runs of a kernel differ, or null when they do not.</summary>
    public static string? Difference(KernelIr ir, byte[][]? wanted, byte[][]? got)
    {
        if (wanted is null || got is null)
        {
            return (wanted is null) == (got is null) ? null : wanted is null ? "did not divide by zero" : "divided by zero";
        }

        var outputs = ir.Arguments.Where(argument => argument.Kind == ArgumentKind.Output).ToList();
        for (var i = 0; i < outputs.Count; i++)
        {
            var left = Canonical(outputs[i].DType, wanted[i]);
            var right = Canonical(outputs[i].DType, got[i]);
            var at = left.AsSpan().CommonPrefixLength(right);
            if (at < left.Length)
            {
                var element = at / outputs[i].DType.ItemSize();
                return $"output {i} ({outputs[i].DType}), element {element}: wanted {Text(outputs[i].DType, left, element)}, got {Text(outputs[i].DType, right, element)}";
            }
        }

        return null;
    }

    /// <summary>The bytes with every NaN replaced by one.</summary>
    public static byte[] Canonical(DType dtype, byte[] bytes)
    {
        var copy = (byte[])bytes.Clone();
        if (dtype == DType.Float32)
        {
            foreach (ref var value in MemoryMarshal.Cast<byte, float>(copy.AsSpan()))
            {
                value = float.IsNaN(value) ? float.NaN : value;
            }
        }
        else if (dtype == DType.Float64)
        {
            foreach (ref var value in MemoryMarshal.Cast<byte, double>(copy.AsSpan()))
            {
                value = double.IsNaN(value) ? double.NaN : value;
            }
        }

        return copy;
    }

    private static string Text(DType dtype, byte[] bytes, int element)
    {
        var size = dtype.ItemSize();
        var hex = System.Convert.ToHexString([.. bytes.AsSpan(element * size, size).ToArray().Reverse()]);
        return dtype switch
        {
            DType.Float32 => $"{hex} ({BitConverter.ToSingle(bytes, element * size).ToString("R", CultureInfo.InvariantCulture)})",
            DType.Float64 => $"{hex} ({BitConverter.ToDouble(bytes, element * size).ToString("R", CultureInfo.InvariantCulture)})",
            _ => hex,
        };
    }
}
