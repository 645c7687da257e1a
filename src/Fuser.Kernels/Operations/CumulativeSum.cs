namespace Fuser.Kernels.Operations;

/// <summary>Running sums along an axis; one operand, one result of its shape and dtype (float32, float64 or int64).</summary>
internal sealed record CumulativeSum(int Axis) : Routine("aten::cumsum")
{
    /// <summary>
    /// The running sum of an element is the sum of all blocks of this length before its own, plus the sum within the block up to it, each added in
    /// order, in float64 for floats: so blocks can be summed side by side, and the bits do not depend on whether they were.
    /// </summary>
    public const int BlockLength = 2048;
}
