using Fuser.Kernels.Specs;

namespace Fuser.Kernels.Tests.Specs;

/// <summary>How layouts collapse. "size:stride" per merged axis, outermost first.</summary>
public sealed class LoopNestTests
{
    [Theory]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 12, 4, 1 }, "24:1")]
    [InlineData(new long[] { 4, 1 }, new long[] { 1, 1 }, "4:1")]
    [InlineData(new long[0], new long[0], "1:1")]
    [InlineData(new long[] { 3, 4 }, new long[] { 1, 3 }, "3:1 4:3")]
    [InlineData(new long[] { 4, 4 }, new long[] { 0, 1 }, "4:0 4:1")]
    [InlineData(new long[] { 4, 4 }, new long[] { 1, 0 }, "4:1 4:0")]
    [InlineData(new long[] { 4, 4 }, new long[] { 0, 0 }, "16:0")]
    [InlineData(new long[] { 4, 4 }, new long[] { 8, 1 }, "4:8 4:1")]
    [InlineData(new long[] { 4, 1 }, new long[] { 8, 1 }, "4:8")]
    [InlineData(new long[] { 4, 4 }, new long[] { 8, 2 }, "16:2")]
    [InlineData(new long[] { 12, 16, 8 }, new long[] { 128, 1, 16 }, "12:128 16:1 8:16")]
    [InlineData(new long[] { 2, 3, 4, 5 }, new long[] { 60, 1, 15, 3 }, "2:60 3:1 20:3")]
    [InlineData(new long[] { 10, 2 }, new long[] { 6, 1 }, "10:6 2:1")]
    [InlineData(new long[] { 5, 6 }, new long[] { 6, 1 }, "30:1")]
    [InlineData(new long[] { 3, 4 }, new long[] { -4, -1 }, "12:-1")]
    [InlineData(new long[] { 1, 4, 1, 2, 1 }, new long[] { 77, 2, -5, 1, 9 }, "8:1")]
    [InlineData(new long[] { 1L << 31, 1L << 31 }, new long[] { 0, 0 }, "4611686018427387904:0")]
    public void Axes_that_lie_behind_each_other_become_one(long[] sizes, long[] strides, string merged) =>
        Text(LoopNest.Merge([.. sizes], [[.. strides]], mayFlatten: true)).ShouldBe(merged);

    [Fact]
    public void Axes_are_merged_only_where_every_argument_allows_it()
    {
        var nest = LoopNest.Merge([2, 3, 4], [[12, 4, 1], [0, 4, 1]], mayFlatten: true);
        nest.Sizes.ShouldBe([2L, 12]);
        nest.Strides[0].ShouldBe([12L, 1]);
        nest.Strides[1].ShouldBe([0L, 1]);
    }

    [Fact]
    public void Rows_too_short_for_a_call_are_run_as_one_unless_an_index_must_stay_linear()
    {
        LoopNest.Merge([100, 15], [[20, 1]], mayFlatten: true).IsFlattened.ShouldBeTrue();
        LoopNest.Merge([100, 16], [[20, 1]], mayFlatten: true).IsFlattened.ShouldBeFalse();
        LoopNest.Merge([100, 15], [[20, 1]], mayFlatten: false).IsFlattened.ShouldBeFalse();
    }

    [Fact]
    public void Sizes_that_overflow_without_elements_do_no_harm()
    {
        var nest = LoopNest.Merge([1L << 40, 1L << 23, 0], [[0, 0, 1], [1, 2, 3]], mayFlatten: true);
        nest.ElementCount.ShouldBe(0);
    }

    [Fact]
    public void Uniform_is_what_stays_along_an_inner_axis_of_more_than_one_element()
    {
        var nest = LoopNest.Merge([40, 50], [[50, 1], [1, 0], [0, 1]], mayFlatten: true);
        nest.IsUniform(0).ShouldBeFalse();
        nest.IsUniform(1).ShouldBeTrue();
        nest.IsUniform(2).ShouldBeFalse();
        LoopNest.Merge([1], [[0]], mayFlatten: true).IsUniform(0).ShouldBeFalse();
    }

    private static string Text(LoopNest nest) => string.Join(" ", nest.Sizes.Zip(nest.Strides[0], (size, stride) => $"{size}:{stride}"));
}
