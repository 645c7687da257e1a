namespace Fuser.Kernels.Targets;

/// <summary>
/// Combines values of one type in one way, as <see cref="Ir.Stages.ReductionKind"/> says. What they come to has the same type, or one that
/// <see cref="Ir.Stages.Reduction.ResultOf"/> gives; values are converted to it before they are combined. All memory is contiguous; pointers need no alignment.
/// </summary>
internal abstract unsafe class Combiner
{
    /// <summary>Values that <see cref="CombineEight"/> makes one.</summary>
    public const int Eight = 8;

    /// <summary>Bytes of a value.</summary>
    public abstract int ValueSize { get; }

    /// <summary>Bytes of what values come to.</summary>
    public abstract int ResultSize { get; }

    /// <summary>Combines in the same way what values came to.</summary>
    public virtual Combiner OfResults => this;

    /// <summary>
    /// Makes <paramref name="count"/> values one by the fixed tree: neighbours are combined, an odd last one moves up as it is, and so on until one is left.
    /// </summary>
    /// <param name="values">Read only; may be <paramref name="scratch"/> where results have the values' type.</param>
    /// <param name="count">At least 1.</param>
    /// <param name="scratch">Room for half as many results, rounded up, and for eight at least.</param>
    public abstract void Reduce(byte* values, long count, byte* scratch, byte* result);

    /// <summary>Combines value by value; <paramref name="results"/> may be either operand where they have the values' type.</summary>
    public abstract void Combine(byte* left, byte* right, byte* results, long count);

    /// <summary>Makes eight arrays one, value by value: three levels of the tree at once.</summary>
    /// <param name="first">The first array; the others follow at a distance of <paramref name="step"/> bytes each. Apart from <paramref name="results"/>.</param>
    public virtual void CombineEight(byte* first, long step, byte* results, long count)
    {
        var values = stackalloc byte[Eight * sizeof(long)];
        var scratch = stackalloc byte[Eight * sizeof(long)];
        for (long i = 0; i < count; i++)
        {
            for (var k = 0; k < Eight; k++)
            {
                Buffer.MemoryCopy(first + (k * step) + (i * ValueSize), values + (k * ValueSize), ValueSize, ValueSize);
            }

            Reduce(values, Eight, scratch, results + (i * ResultSize));
        }
    }

    /// <summary>Values that nothing is combined with, as results.</summary>
    public abstract void Convert(byte* values, byte* results, long count);
}
