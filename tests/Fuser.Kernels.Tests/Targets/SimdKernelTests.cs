using Fuser.Kernels.Ir;
using Fuser.Kernels.IsaCheck;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Targets;

public unsafe class SimdKernelTests
{
    public static TheoryData<int> Widths => SimdAgreement.Widths;

    [Theory]
    [MemberData(nameof(Widths))]
    public void An_integer_division_by_zero_is_reported_wherever_it_is(int width)
    {
        var kernel = new SimdTarget((SimdWidth)width).Compile(Quotient(DType.Int32));
        for (var count = 1; count < 40; count++)
        {
            for (var zero = 0; zero < count; zero++)
            {
                var divisors = Enumerable.Range(0, count).Select(i => i == zero ? 0 : -1).ToArray();
                Should.Throw<DivideByZeroException>(() => Divide(kernel, [.. Enumerable.Repeat(int.MinValue, count)], divisors, count));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public void No_division_by_zero_is_invented_behind_the_last_element(int width)
    {
        var kernel = new SimdTarget((SimdWidth)width).Compile(Quotient(DType.Int32));
        for (var count = 0; count < 70; count++)
        {
            // The arrays go on with zeros.
            var divisors = new int[200];
            divisors.AsSpan(0, count).Fill(3);
            Divide(kernel, [.. Enumerable.Repeat(22, 200)], divisors, count).AsSpan(0, count).ToArray().ShouldAllBe(quotient => quotient == 7);
        }
    }

    /// <summary>Waiting for the first result is worth avoiding, and so is running for long what was compiled in a hurry.</summary>
    [Fact]
    public void Loops_are_unrolled_when_they_have_run_for_as_long_as_that_takes_to_compile()
    {
        var b = new IrBuilder();
        var x = b.Load(b.Input(DType.Float32));
        b.Store(b.Output(DType.Float32), b.Add(b.Mul(b.Add(b.Mul(x, x), x), x), x));
        var kernel = (SimdKernel)new SimdTarget(SimdWidth.V128).Compile(b.Build("chain"));
        const int count = 40_000;
        var memory = new float[2 * count];
        fixed (float* start = memory)
        {
            var pointers = stackalloc void*[] { start, start + count };
            for (var i = 0; i < 100_000; i++)
            {
                kernel.Run(pointers, 8);
            }

            kernel.IsUnrolled.ShouldBeFalse("runs of two steps gain nothing");
            for (var i = 0; i < 3; i++)
            {
                kernel.Run(pointers, count);
                kernel.IsUnrolled.ShouldBeFalse($"{(i + 1) * count / 4} steps");
            }

            kernel.Run(pointers, count);
            kernel.IsUnrolled.ShouldBeTrue("four copies of 10,000 steps");
        }
    }

    [Fact]
    public void A_warm_run_allocates_nothing()
    {
        const int most = 1500;
        var memory = stackalloc float[13 * most];
        var pointers = stackalloc void*[13];
        foreach (var (operations, count) in new[] { (5, 3), (5, 16), (5, 71), (5, 1000), (800, 3), (800, most) })
        {
            var kernel = SimdTarget.Best.Compile(Wide(12, operations));
            for (var i = 0; i < 13; i++)
            {
                pointers[i] = memory + (i * most);
            }

            // The best of a few: the runtime itself allocates a little now and then while it optimises these methods.
            kernel.Run(pointers, count);
            var rounds = new long[5];
            for (var round = 0; round < rounds.Length; round++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                for (var i = 0; i < 100; i++)
                {
                    kernel.Run(pointers, count);
                }

                rounds[round] = GC.GetAllocatedBytesForCurrentThread() - before;
            }

            rounds.Min().ShouldBe(0, $"{operations} operations, {count} elements, got {string.Join(", ", rounds)} bytes");
        }
    }

    [Fact]
    public void Many_threads_may_run_one_kernel()
    {
        var ir = RandomKernels.Create(31, 600);
        var kernel = SimdTarget.Best.Compile(ir);
        using var reference = new KernelRun(ir, 700, 31);
        var wanted = reference.Outputs(InterpreterTarget.Instance.Compile(ir));
        var problems = new string?[4];
        var threads = Enumerable.Range(0, problems.Length).Select(t => new Thread(() =>
        {
            using var run = new KernelRun(ir, 700, 31);
            for (var i = 0; i < 20; i++)
            {
                problems[t] ??= Comparison.Difference(ir, wanted, run.Outputs(kernel));
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        problems.ShouldAllBe(problem => problem == null);
    }

    [Fact]
    public void The_listing_names_every_node_and_the_vector_operations()
    {
        var b = new IrBuilder();
        var x = b.Load(b.Input(DType.Float32));
        b.Store(b.Output(DType.Float32), b.Sqrt(b.Add(x, b.Float32(1))));
        var kernel = new SimdTarget(SimdWidth.V256).Compile(b.Build("listed"));
        kernel.Listing.ShouldContain("Vector256.Sqrt");
        kernel.Listing.ShouldContain("store @1");
        kernel.CodeBytes.ShouldBeGreaterThan(0);
        kernel.CompileTime.ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public void The_fingerprint_names_the_width()
    {
        new SimdTarget(SimdWidth.V512).Fingerprint.ShouldBe("simd/512");
        new SimdTarget(SimdWidth.None).Fingerprint.ShouldBe("simd/0");
        SimdTarget.Best.Width.ShouldBe(SimdWidths.Best);
    }

    private static KernelIr Quotient(DType dtype)
    {
        var b = new IrBuilder();
        var (x, y) = (b.Load(b.Input(dtype)), b.Load(b.Input(dtype)));
        b.Store(b.Output(dtype), b.Div(x, y));
        return b.Build("quotient");
    }

    private static int[] Divide(Fuser.Kernels.Targets.ElementwiseKernel kernel, int[] x, int[] y, int count)
    {
        var quotients = new int[x.Length];
        fixed (int* px = x, py = y, pq = quotients)
        {
            var pointers = stackalloc void*[3] { px, py, pq };
            kernel.Run(pointers, count);
        }

        return quotients;
    }

    private static KernelIr Wide(int inputs, int operations)
    {
        var b = new IrBuilder();
        var values = Enumerable.Range(0, inputs).Select(_ => b.Load(b.Input(DType.Float32))).ToList();
        for (var i = 0; i < operations; i++)
        {
            values.Add(b.Fma(values[^1], values[^2], values[i % inputs]));
        }

        b.Store(b.Output(DType.Float32), values[^1]);
        return b.Build("wide");
    }
}
