using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Routines;

public sealed class CumulativeSumTests
{
    [Fact]
    public void It_adds_along_the_axis_and_kernels_before_and_after_it_are_fused()
    {
        var text = Programs.Text("x", "%y = aten::mul(%x, %i2); %s = aten::cumsum(%y, %in1, %none); %z = aten::neg(%s)", "z");
        var x = NdArray.From([1f, 2, 3, 4, 5, 6], 2, 3);
        Programs.Run(text, x)[0].ToArray<float>().ShouldBe([-2f, -6, -12, -8, -18, -30]);
        Programs.Plan(text, x).Steps.Select(step => step.GetType().Name).ShouldBe([nameof(KernelStep), nameof(RoutineStep), nameof(KernelStep)]);
    }

    [Fact]
    public void A_result_that_is_an_output_is_written_in_place()
    {
        var text = Programs.Text("x", "%s = aten::cumsum(%x, %i0, %none); %l : Tensor[] = prim::ListConstruct(%s, %x); %c = aten::cat(%l, %i1)", "c s");
        var x = NdArray.From([1f, 2, 3, 4], 2, 2);
        var results = Programs.Run(text, x);
        results[0].ToArray<float>().ShouldBe([1f, 2, 1, 2, 4, 6, 3, 4]);
        results[1].ToArray<float>().ShouldBe([1f, 2, 4, 6]);
        Programs.Plan(text, x).Steps.Length.ShouldBe(3, "the sum is written where it belongs in the concatenation; a kernel copies x beside it, and one the other output");
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit()
    {
        var random = new Random(3);
        var x = NdArray.From(Enumerable.Range(0, 64 * 5000).Select(_ => (float)(random.NextDouble() - 0.5)).ToArray(), 64, 5000);
        var text = Programs.Text("x", "%s = aten::cumsum(%x, %i1, %none)", "s");
        var compiled = KernelCompiler.Compile(Kernels.Graphs.Text.GraphText.Parse(text), [x], SimdTarget.Best);
        Properties.Bits.ShouldBeSame(compiled.Run([x], threads: 4), compiled.Run([x], threads: 1), "4 threads");
    }

    [Fact]
    public void Booleans_are_counted_in_int64()
    {
        var result = Programs.Run(Programs.Text("x", "%s = aten::cumsum(%x, %i0, %none)", "s"), NdArray.From([true, true, false, true]))[0];
        result.ToArray<long>().ShouldBe([1L, 2, 2, 3]);
    }
}
