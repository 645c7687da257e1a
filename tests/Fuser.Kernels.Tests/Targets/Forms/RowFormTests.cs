using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets.Forms;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Devices.Accelerators;

namespace Fuser.Kernels.Tests.Targets.Forms;

/// <summary>Which form a device takes for which rows. What is no code is in none: other numbers of rows and other lengths find the same kernel.</summary>
public sealed class RowFormTests
{
    private const string Sum = "%axes : int[] = prim::ListConstruct(%in1); %r = aten::sum(%x, %axes, %false, %none)";

    [Theory]
    [InlineData(1_000_000, 20, false, "rows1+1ux1of256")]
    [InlineData(100_000, 100, false, "rows1+1ux32of256 by 4")]
    [InlineData(100_000, 3_000, false, "rows1+1ux256of256 by 4")]
    [InlineData(2_000, 2_000, false, "rows1+1ux256of256 by 4")]
    [InlineData(2_000, 7_001, false, "rows1+1ux256of256")]
    [InlineData(3, 10_000_000, false, "rows1+1ux256of256 by 4 split")]
    [InlineData(1, 1 << 28, false, "rows1+1ux256of256 by 4 split")]
    [InlineData(64, 1_000_000, true, "rows1+1sx1of256 split")]
    [InlineData(1_000_000, 64, true, "rows1+1sx1of256")]
    [InlineData(1, 1L << 31, false, "rows1+1ux256of256 by 4 split/64")]
    public void A_gpu(long rows, long length, bool isTransposed, string form) => Form(Sum, [rows, length], isTransposed).ToString().ShouldBe(form);

    [Fact]
    public void Many_reductions_at_once_get_smaller_groups_so_that_what_they_share_fits_in() =>
        Form(RowCases.Operations.First(operation => operation.Name == "six at once").Body, [1000, 5000], false, "a b c d e f").ToString().ShouldBe("rows1+1ux64of64 by 4");

    [Theory]
    [InlineData(1, 1L << 28)]
    [InlineData(5, 70_000_001)]
    [InlineData(1, 33_000)]
    public void Chunks_are_powers_of_two_that_keep_the_device_busy(long rows, long length)
    {
        var nest = RowNest.Of(Group(Sum, [rows, length], false, "r"));
        var form = Form(Sum, [rows, length], false);
        var chunk = form.ChunkOf(nest, 132);
        long.IsPow2(chunk).ShouldBeTrue();
        (chunk % (form.Lanes * 8)).ShouldBe(0);
        var chunks = (length + chunk - 1) / chunk * rows;
        chunks.ShouldBeLessThanOrEqualTo((132 * 8) + rows);
        (chunks * 2 >= 132 * 8 || chunk == form.Lanes * RowForm.LeastOfChunk).ShouldBeTrue($"{chunks} chunks of {chunk}");
    }

    private static RowForm Form(string body, long[] shape, bool isTransposed, string outputs = "r")
    {
        var group = Group(body, shape, isTransposed, outputs);
        return RowForm.Of(group, RowNest.Of(group), 132, 256);
    }

    /// <summary>Of an array that is nowhere: no element is looked at.</summary>
    private static FusionGroup Group(string body, long[] shape, bool isTransposed, string outputs)
    {
        var array = NdArray.Over(new ResidentMemory("test", 0, new object()), DType.Float32, [.. shape]).WithLayout(RowCases.Layout(shape, isTransposed));
        return Programs.Plan(RowCases.Text(body, outputs), array).Groups.First(group => group.Domain.HasReductions);
    }
}
