using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Fuser.Kernels.Ir.Evaluation;

/// <summary>Choosing between values, and reading constant tables.</summary>
internal static class Selection
{
    public static void Evaluate<T>(ReadOnlySpan<byte> condition, ReadOnlySpan<T> whenTrue, ReadOnlySpan<T> whenFalse, Span<T> result)
        where T : struct
    {
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = condition[i] != 0 ? whenTrue[i] : whenFalse[i];
        }
    }

    public static void Lookup(ImmutableArray<ulong> table, ReadOnlySpan<int> index, IrType type, Span<byte> result)
    {
        if (type.Size() == 4)
        {
            var narrow = MemoryMarshal.Cast<byte, uint>(result);
            for (var i = 0; i < index.Length; i++)
            {
                narrow[i] = (uint)table[index[i]];
            }
        }
        else
        {
            var wide = MemoryMarshal.Cast<byte, ulong>(result);
            for (var i = 0; i < index.Length; i++)
            {
                wide[i] = table[index[i]];
            }
        }
    }
}
