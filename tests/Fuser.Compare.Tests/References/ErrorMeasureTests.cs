using System.Runtime.InteropServices;
using Fuser.Compare.References;
using Fuser.Compare.Workloads;

namespace Fuser.Compare.Tests.References;

public sealed class ErrorMeasureTests
{
    [Fact]
    public void An_error_is_counted_in_units_in_the_last_place() =>
        Of([1.0, 1.0], [1f, MathF.BitIncrement(MathF.BitIncrement(1f))]).ShouldBe(2);

    [Fact]
    public void Below_the_typical_size_of_results_the_unit_is_that_of_the_typical_size() =>
        Of([1.0, 1.0, 1e-9], [1f, 1f, 0f]).ShouldBe(1e-9 / Math.ScaleB(1, -24), 1e-9);

    [Fact]
    public void What_is_not_a_number_is_infinitely_wrong() => Of([1.0, 2.0], [1f, float.NaN]).ShouldBe(double.PositiveInfinity);

    [Fact]
    public void Elements_that_are_not_to_be_compared_are_not() => Of([1.0, double.NaN], [1f, 1000f]).ShouldBe(0);

    [Fact]
    public void Integers_are_counted_in_steps() =>
        ErrorMeasure.Of([[10, 20]], [new ArraySpec(ArrayKind.Output, ElementType.U8, [2])], [10, 23]).ShouldBe(3);

    [Fact]
    public void The_worst_output_counts()
    {
        var array = new ArraySpec(ArrayKind.Output, ElementType.F32, [1]);
        ErrorMeasure.Of([[1.0], [1.0]], [array, array], MemoryMarshal.AsBytes<float>([1f, MathF.BitIncrement(1f)])).ShouldBe(1);
    }

    [Fact]
    public void Missing_results_are_an_error() =>
        Should.Throw<FormatException>(() => Of([1.0, 2.0], [1f])).Message.ShouldBe("there are 4 bytes of results; 8 were expected");

    private static double Of(double[] truth, float[] results) =>
        ErrorMeasure.Of([truth], [new ArraySpec(ArrayKind.Output, ElementType.F32, [truth.Length])], MemoryMarshal.AsBytes<float>(results));
}
