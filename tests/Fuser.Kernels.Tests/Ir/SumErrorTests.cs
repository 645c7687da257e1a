using Fuser.Kernels.Targets.Simd;
using Fuser.Numerics;

namespace Fuser.Kernels.Tests.Ir;

/// <summary>Sums over badly conditioned arrays are at least as close to the exact ones as those of eager PyTorch.</summary>
public sealed class SumErrorTests
{
    /// <summary>Longer arrays are left to the program that prints the table of the documentation.</summary>
    private const int Longest = 1_000_000;

    private static readonly Lazy<IReadOnlyList<RecordedSums>> All = new(() => RecordedSums.Read(Path.Combine(Repository.Folder, "tests", "Fuser.Kernels.Tests", "Vectors", "sums.json")));

    public static TheoryData<string> Data => new(All.Value.Select(recorded => recorded.Data).Distinct());

    [Theory]
    [MemberData(nameof(Data))]
    public void A_sum_errs_no_more_than_eager_PyTorch(string data)
    {
        foreach (var recorded in All.Value.Where(recorded => recorded.Data == data && recorded.Count <= Longest))
        {
            var (tree, inOrder) = recorded.Errors(SimdTarget.Best);
            tree.ShouldBeLessThanOrEqualTo(recorded.EagerError, $"{recorded.Count} values");

            // What one after the other loses shows that the arrays are those that were recorded, and that something can be lost.
            inOrder.ShouldBeGreaterThan(2 * recorded.EagerError, $"{recorded.Count} values");
        }
    }
}
