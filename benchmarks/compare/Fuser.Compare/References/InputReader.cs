using Fuser.Compare.Workloads;

namespace Fuser.Compare.References;

/// <summary>The inputs of a workload as float64, element by element, without memory for them.</summary>
internal sealed class InputReader(IReadOnlyList<ArraySpec> arrays)
{
    /// <summary>Element <paramref name="index"/>, as it lies in memory, of an input.</summary>
    public double this[int input, long index] => InputValues.At(arrays[input], input, index);

    public long Size(int input, int axis) => arrays[input].Shape[axis];

    public long Count(int input) => arrays[input].Count;
}
