using System.Numerics;
using Fuser.Kernels.Ir.Stages;

namespace Fuser.Kernels.Ir.Evaluation;

/// <summary>
/// The meaning of a reduction, as plainly as it can be written. The order depends on the number of values alone: neighbours are combined, an odd last one moves
/// up as it is, and so on until one is left. So n values are added with at most log2(n) roundings on the way of each.
/// </summary>
internal static class ReductionTree
{
    /// <param name="values">At least one.</param>
    public static T Reduce<T>(ReductionKind kind, ReadOnlySpan<T> values)
        where T : unmanaged, INumber<T>
    {
        var level = values.ToArray();
        for (var count = level.Length; count > 1; count = (count + 1) / 2)
        {
            for (var i = 0; i < count / 2; i++)
            {
                level[i] = Combine(kind, level[2 * i], level[(2 * i) + 1]);
            }

            if (count % 2 == 1)
            {
                level[count / 2] = level[count - 1];
            }
        }

        return level[0];
    }

    public static T Combine<T>(ReductionKind kind, T a, T b)
        where T : unmanaged, INumber<T> => kind switch
        {
            ReductionKind.Sum => unchecked(a + b),
            ReductionKind.Product => unchecked(a * b),
            ReductionKind.Maximum => a > b || T.IsNaN(a) ? a : b,
            _ => a < b || T.IsNaN(a) ? a : b,
        };
}
