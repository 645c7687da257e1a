using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Routines;

public sealed class IndexingTests
{
    [Fact]
    public void An_index_out_of_range_is_refused_with_operation_index_place_and_limit()
    {
        var error = Should.Throw<InputException>(() => Run("%y = aten::embedding(%w, %i, %in1, %false, %false)", Programs.Range(6, 5), NdArray.From([1L, 2, 6, 0], 2, 2)));
        error.Code.ShouldBe(ErrorCodes.InvalidValue);
        error.Message.ShouldBe("aten::embedding got the index 6, for element [1, 0, 0] of its result, on an axis of size 6; wanted 0 to 5");
        Should.Throw<InputException>(() => Run("%y = aten::gather(%w, %i1, %i, %false)", Programs.Range(2, 5), NdArray.From([1L, 2, 3, -1], 2, 2)))
            .Message.ShouldBe("aten::gather got the index -1, for element [1, 1] of its result, on an axis of size 5; wanted 0 to 4");
        Should.Throw<InputException>(() => Run("%y = aten::index_select(%w, %i0, %i)", NdArray.From(Array.Empty<float>(), 0, 3), NdArray.From([0L])))
            .Message.ShouldEndWith("wanted nothing, because the axis has no elements");
        Should.Throw<InputException>(() => Run("%l : Tensor[] = prim::ListConstruct(%i); %y = aten::index(%w, %l)", Programs.Range(4), NdArray.From([-5L])))
            .Message.ShouldEndWith("on an axis of size 4; wanted -4 to 3");
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 62)]
    public void No_index_reaches_outside(long index)
    {
        Should.Throw<InputException>(() => Run("%l : Tensor[] = prim::ListConstruct(%i); %y = aten::index(%w, %l)", Programs.Range(4, 3), NdArray.From([index])));
        Should.Throw<InputException>(() => Run("%y = aten::embedding(%w, %i, %in1, %false, %false)", Programs.Range(4, 3), NdArray.From([index])));
    }

    [Fact]
    public void Threads_change_no_bit_and_find_a_wrong_index_too()
    {
        var random = new Random(1);
        var (weight, indices) = (Programs.Range(1000, 64), Enumerable.Range(0, 5000).Select(_ => random.NextInt64(1000)).ToArray());
        var text = Programs.Text("w i", "%y = aten::embedding(%w, %i, %in1, %false, %false)", "y");
        var compiled = KernelCompiler.Compile(Kernels.Graphs.Text.GraphText.Parse(text), [weight, NdArray.From(indices)], SimdTarget.Best);
        Properties.Bits.ShouldBeSame(compiled.Run([weight, NdArray.From(indices)], threads: 4), compiled.Run([weight, NdArray.From(indices)], threads: 1), "4 threads");
        indices[4321] = 1000;
        Should.Throw<InputException>(() => compiled.Run([weight, NdArray.From(indices)], threads: 4)).Message.ShouldContain("[4321, 0]");
    }

    /// <summary>The widened copy holds the table once, not once for every row of the result.</summary>
    [Fact]
    public void A_table_of_16_bit_floats_is_widened_once()
    {
        var plan = Programs.Plan(Programs.Text("w i", "%y = aten::embedding(%w, %i, %in1, %false, %false)", "y"), NdArray.Allocate(DType.Float16, [100, 8]), NdArray.From(new long[400], 20, 20));
        plan.Buffers.Where(buffer => buffer.Kind == BufferKind.Temporary).Max(buffer => Shapes.ElementCount(buffer.Shape.AsSpan())).ShouldBeLessThanOrEqualTo(20 * 20 * 8);
    }

    [Fact]
    public void Views_of_views_and_computed_operands_are_looked_up_in_place()
    {
        var text = Programs.Text("w i", "%t = aten::t(%w); %n = aten::neg(%t); %j = aten::add(%i, %i1, %i1); %y = aten::index_select(%n, %i0, %j)", "y");
        Programs.Run(text, NdArray.From([1f, 2, 3, 4, 5, 6], 2, 3), NdArray.From([1L, 0]))[0].ToArray<float>().ShouldBe([-3f, -6, -2, -5]);
    }

    private static void Run(string body, NdArray w, NdArray i) => Programs.Run(Programs.Text("w i", body, "y"), w, i);
}
