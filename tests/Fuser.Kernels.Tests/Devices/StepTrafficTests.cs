using Fuser.Kernels.Devices;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Devices;

public sealed class StepTrafficTests
{
    [Fact]
    public void A_broadcast_input_counts_once()
    {
        var text = Programs.Text("x y", "%z = aten::mul(%x, %y)", "z");
        Of(text, Array(100, 50), Array(50)).ShouldBe([new StepTraffic((5000 + 50) * 4, 5000 * 4)]);
        Of(text, Array(100, 50), Array(100, 1)).ShouldBe([new StepTraffic((5000 + 100) * 4, 5000 * 4)]);
        Of(text, Array(100, 50), Strided([100, 50], [0, 0])).ShouldBe([new StepTraffic((5000 + 1) * 4, 5000 * 4)]);
    }

    [Fact]
    public void A_strided_view_counts_the_elements_it_touches()
    {
        var text = Programs.Text("x", "%y = aten::exp(%x)", "y");
        Of(text, Strided([10, 20], [1000, 3])).ShouldBe([new StepTraffic(200 * 4, 200 * 4)]);
        Of(text, Strided([10, 20], [1, 1])).ShouldBe([new StepTraffic(29 * 4, 200 * 4)], "windows over 29 elements");
        Of(text, Strided([10, 0], [1, 1])).ShouldBe([new StepTraffic(0, 0)]);
    }

    [Fact]
    public void Views_of_one_input_count_what_they_touch_together()
    {
        var transposed = Programs.Text("x", "%t = aten::t(%x); %y = aten::add(%x, %t, %i1)", "y");
        Of(transposed, Array(30, 30)).ShouldBe([new StepTraffic(900 * 4, 900 * 4)]);
        var halves = Programs.Text("x", "%a, %b = prim::ConstantChunk[chunks=2, dim=0](%x); %y = aten::mul(%a, %b)", "y");
        Of(halves, Array(30, 30)).ShouldBe([new StepTraffic(900 * 4, 450 * 4)]);
    }

    [Fact]
    public void Parts_of_a_concatenation_are_counted_by_the_step_that_writes_them()
    {
        var text = Programs.Text("x y", "%a = aten::exp(%x); %b = aten::exp(%y); %l : Tensor[] = prim::ListConstruct(%a, %b); %y2 = aten::cat(%l, %i0)", "y2");
        Of(text, Array(10, 4), Array(20, 4)).Order(Comparer<StepTraffic>.Create((a, b) => a.BytesRead.CompareTo(b.BytesRead))).ShouldBe([new StepTraffic(160, 160), new StepTraffic(320, 320)]);
    }

    [Fact]
    public void A_kernel_with_reductions_reads_its_input_once_while_a_row_fits_the_cache()
    {
        var softmax = Programs.Text("x", "%y = aten::softmax(%x, %i1, %none)", "y");
        Of(softmax, Array(100, 1000)).ShouldBe([new StepTraffic(400_000, 400_000)]);
        Sweeps(softmax, Array(100, 1000)).FitsCache.ShouldBeTrue();

        var sweeps = Sweeps(softmax, Array(2, 1_000_000));
        (sweeps.Count, sweeps.FitsCache, sweeps.Rows, sweeps.RowLength).ShouldBe((3, false, 2, 1_000_000));
        sweeps.BytesTogether.ShouldBeGreaterThan(RowSweeps.CacheBytes);
        var traffic = Of(softmax, Array(2, 1_000_000)).ShouldHaveSingleItem();
        traffic.BytesRead.ShouldBe((8_000_000L * sweeps.TimesRead(0)) + sweeps.KeptBytesRead);
        traffic.BytesWritten.ShouldBe(8_000_000 + sweeps.KeptBytesWritten);
        (sweeps.TimesRead(0) + (sweeps.KeptBytesRead > 0 ? 1 : 0)).ShouldBeGreaterThan(2);
    }

    [Fact]
    public void A_single_sweep_reads_its_input_once_however_long_a_row_is()
    {
        var text = Programs.Text("x w", "%axis : int[] = prim::ListConstruct(%i1); %m = aten::mul(%x, %w); %y = aten::sum(%m, %axis, %false, %none)", "y");
        Of(text, Array(2, 1_000_000), Array(2, 1)).ShouldBe([new StepTraffic(8_000_008, 8)]);
    }

    [Fact]
    public void A_routine_counts_its_operands()
    {
        var text = Programs.Text("x", "%y = aten::cumsum(%x, %i0, %none)", "y");
        Of(text, Array(1000)).ShouldBe([new StepTraffic(4000, 4000)]);
    }

    [Fact]
    public void A_lookup_counts_no_more_of_its_table_than_the_result_has()
    {
        var text = Programs.Text("x i", "%y = aten::index_select(%x, %i0, %i)", "y");
        Of(text, Array(1_000_000, 8), NdArray.From(new long[10])).ShouldBe([new StepTraffic((80 * 4) + (10 * 8), 80 * 4)]);
        Of(text, Array(5, 8), NdArray.From(new long[10])).ShouldBe([new StepTraffic((40 * 4) + (10 * 8), 80 * 4)]);
    }

    [Fact]
    public void Intermediate_results_in_16_bit_floats_count_as_they_are_kept()
    {
        var text = Programs.Text("x", "%c = aten::cumsum(%x, %i0, %none); %y = aten::exp(%c)", "y");
        FuserValue[] inputs = [NdArray.From(new Half[100])];
        Of(text, inputs).ShouldBe([new StepTraffic(200, 400), new StepTraffic(400, 400), new StepTraffic(400, 200)]);
    }

    private static StepTraffic[] Of(string text, params FuserValue[] inputs)
    {
        var plan = Programs.Plan(text, inputs);
        return [.. plan.Steps.Select(step => StepTraffic.Of(step, plan, step is KernelStep kernel ? RowSweeps.Of(Specialisation.Of(plan.Groups[kernel.Group], "")) : null))];
    }

    private static RowSweeps Sweeps(string text, params FuserValue[] inputs) =>
        RowSweeps.Of(Specialisation.Of(Programs.Plan(text, inputs).Groups.ShouldHaveSingleItem(), "")).ShouldNotBeNull();

    private static NdArray Array(params long[] shape) => NdArray.Allocate(DType.Float32, [.. shape]);

    private static NdArray Strided(long[] sizes, long[] strides) => NdArray.From(new float[20_000].AsMemory(), new TensorLayout([.. sizes], [.. strides]));
}
