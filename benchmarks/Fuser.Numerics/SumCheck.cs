using Fuser.Kernels.Targets.Simd;

namespace Fuser.Numerics;

/// <summary>Prints the errors of sums over the recorded arrays.</summary>
internal static class SumCheck
{
    public static int Run(string file)
    {
        Console.WriteLine($"Target {SimdTarget.Best.Fingerprint}; root of the mean square error over the arrays, against the exact sum.\n");
        Console.WriteLine("| values | count | arrays | the fixed tree | PyTorch 1.13 | one after the other |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|");
        var worse = 0;
        foreach (var recorded in RecordedSums.Read(file))
        {
            var (tree, inOrder) = recorded.Errors(SimdTarget.Best);
            Console.WriteLine($"| {recorded.Data} | {recorded.Count} | {recorded.Sums.Count} | {tree:G3} | {recorded.EagerError:G3} | {inOrder:G3} |");
            worse += tree <= recorded.EagerError ? 0 : 1;
        }

        return worse == 0 ? 0 : 1;
    }
}
