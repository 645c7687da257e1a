using Fuser.Compare.Workloads;

namespace Fuser.Compare.Tests.Workloads;

public sealed class ArraySpecTests
{
    [Fact]
    public void Every_array_of_every_workload_survives_its_text()
    {
        foreach (var array in WorkloadCatalogue.All.SelectMany(workload => workload.Arrays(20_000_000)))
        {
            var read = ArraySpec.Parse(array.ToString());
            read.ToString().ShouldBe(array.ToString());
            (read.Kind, read.Type, read.Bytes).ShouldBe((array.Kind, array.Type, array.Bytes));
        }
    }

    [Fact]
    public void The_text_is_what_the_workers_read() =>
        new ArraySpec(ArrayKind.Transposed, ElementType.F32, [5000, 4000], -2, 0.0625).ToString().ShouldBe("t:f32:5000x4000:-2:0.0625");

    [Theory]
    [InlineData("")]
    [InlineData("i:f32:10")]
    [InlineData("x:f32:10:0:1")]
    [InlineData("i:f99:10:0:1")]
    [InlineData("i:f32:ten:0:1")]
    public void Other_text_is_refused(string text) => Should.Throw<FormatException>(() => ArraySpec.Parse(text));

    [Theory]
    [InlineData("W6", 5)]
    [InlineData("w7", 2)]
    [InlineData("W1", 1)]
    [InlineData("W7-f64", 1)]
    [InlineData("W", 0)]
    public void A_name_stands_for_all_parts_of_a_workload(string name, int count) => WorkloadCatalogue.Find(name).Count().ShouldBe(count);

    [Theory]
    [InlineData(10_000)]
    [InlineData(1_000_000)]
    [InlineData(20_000_000)]
    public void Outputs_have_as_many_elements_as_asked_for(long size)
    {
        foreach (var workload in WorkloadCatalogue.All.Where(workload => workload.Bound != Bound.Reduction))
        {
            workload.Arrays(size).Where(array => array.Kind == ArrayKind.Output).ShouldAllBe(array => array.Count == size);
        }
    }
}
