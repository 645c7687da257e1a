using Fuser.Compare.References;
using Fuser.Compare.Workloads;

namespace Fuser.Compare.Tests.References;

public sealed class ReferenceTests
{
    /// <summary>Values of SciPy.</summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.1, 0.1124629160182849)]
    [InlineData(1, 0.8427007929497148)]
    [InlineData(2.4999, 0.9995928300996666)]
    [InlineData(2.5001, 0.9995932657565293)]
    [InlineData(4, 0.9999999845827421)]
    [InlineData(6, 1)]
    [InlineData(40, 1)]
    [InlineData(double.PositiveInfinity, 1)]
    public void The_error_function_is_exact(double x, double expected)
    {
        SpecialFunctions.Erf(x).ShouldBe(expected, 2e-15);
        SpecialFunctions.Erf(-x).ShouldBe(-expected, 2e-15);
    }

    [Fact]
    public void A_sample_is_the_elements_at_its_stride()
    {
        foreach (var workload in WorkloadCatalogue.All)
        {
            var arrays = workload.Arrays(2000);
            var (all, sample) = (Reference.Of(workload, arrays, 1), Reference.Of(workload, arrays, 101));
            all.Select(output => (long)output.Length).ShouldBe(arrays.Where(array => array.Kind == ArrayKind.Output).Select(array => array.Count));
            for (var output = 0; output < all.Length; output++)
            {
                sample[output].ShouldBe(all[output].Where((_, i) => i % 101 == 0), workload.Id);
            }
        }
    }

    [Fact]
    public void Few_elements_are_too_near_a_branch_to_compare() =>
        Reference.Of(WorkloadCatalogue.Find("W8").Single(), WorkloadCatalogue.Find("W8").Single().Arrays(100_000), 1)[0].Count(double.IsNaN).ShouldBeInRange(1, 100);

    [Fact]
    public void Rows_of_a_softmax_add_up_to_1()
    {
        var softmax = WorkloadCatalogue.Find("W6-softmax").Single();
        var rows = Reference.Of(softmax, softmax.Arrays(3000), 1)[0].Chunk(1000);
        rows.ShouldAllBe(row => Math.Abs(row.Sum() - 1) < 1e-12);
    }
}
