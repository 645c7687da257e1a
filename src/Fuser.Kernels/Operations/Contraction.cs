namespace Fuser.Kernels.Operations;

/// <summary>
/// Sums of products over the axes that two tensors share: matrix products of any rank. The first operand has its batch axes, then its rows, then the summed
/// axes; the second the same batch axes, the summed axes, then its columns; the result batch axes, rows, columns. All have one dtype, float32, float64,
/// int32 or int64; integers wrap.
/// </summary>
/// <param name="BatchAxes">How many leading axes all three have.</param>
/// <param name="RowAxes">How many axes only the first operand and the result have.</param>
/// <param name="ColumnAxes">How many axes only the second operand and the result have.</param>
/// <param name="SummedAxes">How many axes both operands have and the result has not; an element of the result is the sum over all of them, in row-major order.</param>
internal sealed record Contraction(string Kind, int BatchAxes, int RowAxes, int ColumnAxes, int SummedAxes) : Routine(Kind)
{
    /// <summary>
    /// The order of a sum, which depends on the number of its terms alone (docs/numerics.md, "Matrix products"): the terms are cut into blocks of this
    /// length. In a block, term i belongs to chain i mod <see cref="Chains"/>; a chain adds its terms in order, each by a fused multiply-add, from 0 on. The chains
    /// of a block are added one after the other, and so are the blocks.
    /// </summary>
    public const int BlockLength = 256;

    /// <summary>How many chains a block has; those without terms are left out.</summary>
    public const int Chains = 8;
}
