using System.Collections.Immutable;
using Fuser.Kernels.Devices;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Lowering;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Devices;

public sealed class LaunchTests
{
    private static readonly string Divided = Programs.Text("x y", "%q = aten::floor_divide(%x, %y)", "q");

    [Theory]
    [InlineData(10, 1)]
    [InlineData(1_000_000, 1)]
    [InlineData(1_000_000, 4)]
    public void A_division_by_zero_is_named_and_the_next_run_works(int count, int threads)
    {
        foreach (var target in new IKernelTarget[] { InterpreterTarget.Instance, SimdTarget.Best })
        {
            var (x, y) = (NdArray.From(Enumerable.Repeat(7, count).ToArray()), NdArray.From(Enumerable.Repeat(2, count).ToArray()));
            FuserValue[] inputs = [x, y];
            var compiled = KernelCompiler.Compile(GraphText.Parse(Divided), inputs, target);
            y.AsSpan<int>()[count - 1] = 0;
            Should.Throw<InputException>(() => compiled.Run(inputs, 0, threads)).Code.ShouldBe(ErrorCodes.InvalidValue);
            y.AsSpan<int>()[count - 1] = -2;
            var result = compiled.Run(inputs, 0, threads)[0].ToArray<int>();
            result[0].ShouldBe(3);
            result[^1].ShouldBe(-4);
        }
    }

    [Fact]
    public void An_output_whose_elements_share_memory_is_refused()
    {
        FuserValue[] inputs = [NdArray.From([1, 2, 3]), NdArray.From([1, 1, 1])];
        var compiled = KernelCompiler.Compile(GraphText.Parse(Divided), inputs, InterpreterTarget.Instance);
        NdArray[] outputs = [NdArray.From(new int[3].AsMemory(), new TensorLayout([3], [0]))];
        Should.Throw<InputException>(() => compiled.Runner.Run(inputs, outputs, compiled.Kernels.AsSpan(), 0, 1)).Code.ShouldBe(ErrorCodes.OutputMismatch);
    }

    [Fact]
    public void Outputs_that_do_not_fit_are_refused()
    {
        FuserValue[] inputs = [NdArray.From([1, 2, 3]), NdArray.From([1, 1, 1])];
        var compiled = KernelCompiler.Compile(GraphText.Parse(Divided), inputs, InterpreterTarget.Instance);
        foreach (var outputs in new NdArray[][] { [], [NdArray.From(new int[4])], [NdArray.From(new long[3])], [NdArray.From(new int[3], 3, 1)], [NdArray.From(new int[3]), NdArray.From(new int[3])] })
        {
            Should.Throw<InputException>(() => compiled.Runner.Run(inputs, outputs, compiled.Kernels.AsSpan(), 0, 1)).Code.ShouldBe(ErrorCodes.OutputMismatch);
        }
    }

    [Fact]
    public void Outputs_that_share_memory_with_each_other_are_refused()
    {
        var text = Programs.Text("x", "%a = aten::add(%x, %i1, %i1); %b = aten::mul(%x, %i2)", "a b");
        FuserValue[] inputs = [Programs.Range(4)];
        var compiled = KernelCompiler.Compile(GraphText.Parse(text), inputs, InterpreterTarget.Instance);
        var memory = new float[8];
        NdArray Part(long offset) => NdArray.From(memory.AsMemory(), new TensorLayout([4], [1], offset));
        Should.Throw<InputException>(() => compiled.Runner.Run(inputs, [Part(0), Part(3)], compiled.Kernels.AsSpan(), 0, 1)).Code.ShouldBe(ErrorCodes.OutputMismatch);
        compiled.Runner.Run(inputs, [Part(0), Part(4)], compiled.Kernels.AsSpan(), 0, 1);
        memory.ShouldBe([0, 0.25f, 0.5f, 0.75f, -2, -1.5f, -1, -0.5f]);
    }

    [Fact]
    public void A_number_among_the_outputs_may_not_lie_in_another_output()
    {
        var text = Programs.Text("x", "%a = aten::mul(%x, %i2); %n : int = aten::size(%x, %i0)", "a n");
        FuserValue[] inputs = [NdArray.From([1L, 2, 3])];
        var compiled = KernelCompiler.Compile(GraphText.Parse(text), inputs, InterpreterTarget.Instance);
        var memory = new long[8];
        NdArray Number(long offset) => NdArray.From(memory.AsMemory(), new TensorLayout([], [], offset));
        var backwards = NdArray.From(memory.AsMemory(), new TensorLayout([3], [-2], 5));
        foreach (var offset in new[] { 1L, 3, 5 })
        {
            Should.Throw<InputException>(() => compiled.Runner.Run(inputs, [backwards, Number(offset)], compiled.Kernels.AsSpan(), 0, 1)).Message.ShouldContain("outputs 0 and 1");
        }

        var before = KernelCompiler.Compile(GraphText.Parse(text.Replace("(%a, %n)", "(%n, %a)")), inputs, InterpreterTarget.Instance);
        Should.Throw<InputException>(() => before.Runner.Run(inputs, [Number(3), backwards], before.Kernels.AsSpan(), 0, 1)).Message.ShouldContain("outputs 0 and 1");
        compiled.Runner.Run(inputs, [backwards, Number(6)], compiled.Kernels.AsSpan(), 0, 1);
        memory.ShouldBe([0, 6, 0, 4, 0, 2, 3, 0]);
    }

    [Theory]
    [InlineData(new long[] { 3, 2 }, new long[] { 1, 1 }, false)]
    [InlineData(new long[] { 3, 2 }, new long[] { 2, 1 }, true)]
    [InlineData(new long[] { 3, 2 }, new long[] { 1, 2 }, false)]
    [InlineData(new long[] { 3, 2 }, new long[] { 1, 3 }, true)]
    [InlineData(new long[] { 3, 1 }, new long[] { 1, 0 }, true)]
    [InlineData(new long[] { 3, 2 }, new long[] { 0, 1 }, false)]
    [InlineData(new long[] { 1, 2 }, new long[] { 0, 3 }, true)]
    public void Only_a_layout_with_a_place_for_every_element_can_be_written(long[] sizes, long[] strides, bool fits)
    {
        FuserValue[] inputs = [NdArray.From(new int[sizes[0] * sizes[1]], sizes)];
        var compiled = KernelCompiler.Compile(GraphText.Parse(Programs.Text("x", "%y = aten::mul(%x, %i2)", "y")), inputs, InterpreterTarget.Instance);
        NdArray[] outputs = [NdArray.From(new int[16].AsMemory(), new TensorLayout([.. sizes], [.. strides]))];
        if (fits)
        {
            compiled.Runner.Run(inputs, outputs, compiled.Kernels.AsSpan(), 0, 1);
        }
        else
        {
            Should.Throw<InputException>(() => compiled.Runner.Run(inputs, outputs, compiled.Kernels.AsSpan(), 0, 1)).Code.ShouldBe(ErrorCodes.OutputMismatch);
        }
    }

    [Fact]
    public void An_output_may_be_an_input()
    {
        var memory = Enumerable.Range(0, 1000).Select(i => (float)i).ToArray();
        FuserValue[] inputs = [NdArray.From(memory)];
        var compiled = KernelCompiler.Compile(GraphText.Parse(Programs.Text("x", "%y = aten::mul(%x, %i2)", "y")), inputs, SimdTarget.Best);
        compiled.Runner.Run(inputs, [NdArray.From(memory)], compiled.Kernels.AsSpan(), 0, 1);
        memory.ShouldBe(Enumerable.Range(0, 1000).Select(i => 2f * i));
    }

    [Fact]
    public void A_slice_beyond_the_32nd_bit_of_an_expanded_tensor_is_computed()
    {
        var body = $"%n : int = prim::Constant[value={(1L << 33) + 7}](); %s : int[] = prim::ListConstruct(%n, %in1); %e = aten::expand(%x, %s, %false); %m = aten::mul(%e, %i2);"
            + $"%f : int = prim::Constant[value={(1L << 33) + 2}](); %t = aten::slice(%m, %i0, %f, %none, %i1); %y = aten::add(%t, %i1, %i1)";
        foreach (var target in new IKernelTarget[] { InterpreterTarget.Instance, SimdTarget.Best })
        {
            var result = Programs.RunOn(target, FusionMode.Fused, Programs.Text("x", body, "y"), NdArray.From([1f, 2, 3], 1, 3))[0];
            result.Shape.ShouldBe([5L, 3]);
            result.ToArray<float>().ShouldBe(Enumerable.Repeat(new[] { 3f, 5, 7 }, 5).SelectMany(row => row));
        }
    }

    [Fact]
    public void The_axes_beyond_32_bits_are_walked_to_the_end()
    {
        // Outputs of stride 0 are not for users, but let a launch count past 32 bits without the memory.
        var text = Programs.Text("x y", "%z = aten::bitwise_or(%x, %y)", "z");
        var group = Programs.Plan(text, NdArray.From(new byte[2]), NdArray.From(new byte[2])).Groups[0];
        ImmutableArray<long> shape = [(1L << 20) + 1, 1L << 12];
        var spec = Specialisation.Of(
            new FusionGroup(
                group.Graph,
                [.. group.Inputs.Cast<TensorInput>().Select(input => input with { Layout = new TensorLayout(shape, [0, 1]) })],
                [group.Outputs[0] with { Layout = new TensorLayout(shape, [0, 1]) }],
                FusionDomain.Elementwise(shape),
                1,
                []),
            "count");
        spec.Loops!.ElementCount.ShouldBeGreaterThan(1L << 32);
        var kernel = new CountingKernel(GroupLowering.Lower(spec.Spec, spec.Arguments));
        RunCounted(spec, kernel);
        kernel.Elements.ShouldBe(spec.Loops.ElementCount);
    }

    [Fact]
    public void A_result_too_large_for_an_array_is_refused_before_anything_runs()
    {
        var body = $"%n : int = prim::Constant[value={1L << 33}](); %s : int[] = prim::ListConstruct(%n); %e = aten::expand(%x, %s); %m = aten::mul(%e, %i2)";
        Should.Throw<InputException>(() => Programs.Run(Programs.Text("x", body, "m"), Programs.Range(1))).Code.ShouldBe(ErrorCodes.SizeLimit);
    }

    [Fact]
    public void Nothing_is_launched_for_tensors_without_elements()
    {
        foreach (long[] shape in new long[][] { [0], [0, 3], [3, 0, 2], [1, 0] })
        {
            var results = Programs.Run(Programs.Text("x", "%a = aten::exp(%x); %l : Tensor[] = prim::ListConstruct(%a, %x); %c = aten::cat(%l, %i0); %f = aten::flatten(%a, %i0, %in1); %r = aten::rand_like(%x, %none, %none, %none, %none, %none)", "a c f r"), NdArray.From(Array.Empty<float>(), shape));
            results.ShouldAllBe(result => result.ElementCount == 0);
        }
    }

    private static unsafe void RunCounted(Specialisation specialisation, CountingKernel kernel)
    {
        var memory = new byte[3 << 12];
        fixed (byte* start = memory)
        {
            var buffers = stackalloc byte*[3] { start, start + 4096, start + 8192 };
            new KernelLaunch(specialisation).Run(kernel, buffers, null, 0, 2);
        }
    }

    private sealed class CountingKernel(Fuser.Kernels.Ir.KernelIr ir) : ElementwiseKernel(ir, TimeSpan.Zero)
    {
        private long _elements;

        public long Elements => _elements;

        public override string Listing => "";

        public override long CodeBytes => 0;

        public override unsafe void Run(void** arguments, nint count) => Interlocked.Add(ref _elements, count);
    }
}
