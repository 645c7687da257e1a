namespace Fuser.Kernels.Targets;

/// <summary>
/// Combines values of one type in one way, as <see cref="Ir.Stages.ReductionKind"/> says. All memory is contiguous; pointers need no alignment.
/// </summary>
internal abstract unsafe class Combiner
{
    /// <summary>Bytes of a value.</summary>
    public abstract int ItemSize { get; }

    /// <summary>
    /// Makes <paramref name="count"/> values one by the fixed tree: neighbours are combined, an odd last one moves up as it is, and so on until one is left.
    /// </summary>
    /// <param name="values">Read only; may be <paramref name="scratch"/>.</param>
    /// <param name="count">At least 1.</param>
    /// <param name="scratch">Room for half the values, rounded up.</param>
    public abstract void Reduce(byte* values, long count, byte* scratch, byte* result);

    /// <summary>Combines value by value; <paramref name="result"/> may be either operand.</summary>
    public abstract void Combine(byte* left, byte* right, byte* result, long count);
}
