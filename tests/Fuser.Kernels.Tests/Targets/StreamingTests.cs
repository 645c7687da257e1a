using Fuser.Kernels.Ir;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Targets;

/// <summary>Writing around the caches changes no bit, wherever the outputs lie, and nothing beside them.</summary>
public sealed unsafe class StreamingTests
{
    private const byte Untouched = 0xA5;

    public static TheoryData<string> Widths => new(Enum.GetNames<SimdWidth>());

    [Theory]
    [MemberData(nameof(Widths))]
    public void Every_alignment_and_length_gives_the_bits_of_ordinary_stores(string width)
    {
        var kernel = new SimdTarget(Enum.Parse<SimdWidth>(width)).Compile(TwoOutputs());
        var random = new Random(5);
        var x = Enumerable.Range(0, 3000).Select(_ => (float)random.NextDouble()).ToArray();
        for (var round = 0; round < 400; round++)
        {
            var (count, first, second) = (random.Next(1, 2900), random.Next(0, 40), random.Next(0, 40));
            var (step, secondStep) = (round % 5 == 0 ? 1 : 4, round % 7 == 0 ? 1 : 8);
            Run(kernel, x, count, first * step, second * secondStep, streams: true).ShouldBe(Run(kernel, x, count, first * step, second * secondStep, streams: false), $"{count} elements at {first * step} and {second * secondStep}");
        }
    }

    [Fact]
    public void An_output_over_an_input_is_right()
    {
        var kernel = SimdTarget.Best.Compile(TwoOutputs());
        var (plain, streamed) = (new float[5000], new float[5000]);
        for (var i = 0; i < plain.Length; i++)
        {
            plain[i] = streamed[i] = i;
        }

        InPlace(kernel, plain, streams: false);
        InPlace(kernel, streamed, streams: true);
        streamed.ShouldBe(plain);
    }

    [Fact]
    public void A_large_result_is_streamed_and_right()
    {
        var x = NdArray.From(Enumerable.Range(0, 5_000_003).Select(i => (float)(i % 1000)).ToArray());
        var text = Programs.Text("x", "%y = aten::mul(%x, %i2); %z = aten::add(%y, %i1, %i1)", "z");
        ((double)x.ElementCount * sizeof(float)).ShouldBeGreaterThan(StreamedResults.WorthwhileBytes);
        foreach (var threads in new[] { 1, 3 })
        {
            var result = KernelCompiler.Compile(Kernels.Graphs.Text.GraphText.Parse(text), [x], SimdTarget.Best).Run([x], threads: threads)[0].ToArray<float>();
            for (var i = 0; i < result.Length; i++)
            {
                if (result[i] != ((i % 1000) * 2) + 1)
                {
                    throw new ShouldAssertException($"element {i} is {result[i]} with {threads} threads");
                }
            }
        }
    }

    [Fact]
    public void Rows_that_end_anywhere_are_streamed_and_right()
    {
        var x = NdArray.From(Enumerable.Range(0, 4001 * 1101).Select(i => (float)(i % 17)).ToArray(), 4001, 1101);
        var text = Programs.Text("x", "%y = aten::softmax(%x, %i1, %none)", "y");
        FuserValue[] inputs = [x];
        var graph = Kernels.Graphs.Text.GraphText.Parse(text);
        Properties.Bits.ShouldBeSame(
            KernelCompiler.Compile(graph, inputs, SimdTarget.Best).Run(inputs, threads: 2),
            KernelCompiler.Compile(graph, inputs, Kernels.Targets.Interpreter.InterpreterTarget.Instance).Run(inputs),
            "softmax");
    }

    /// <summary>x * 3 as float32, and as float64.</summary>
    private static KernelIr TwoOutputs()
    {
        var b = new IrBuilder();
        b.AddArgument(new KernelArgument(ArgumentKind.Input, DType.Float32, InnerAccess.Varying));
        b.AddArgument(new KernelArgument(ArgumentKind.Output, DType.Float32, InnerAccess.Varying));
        b.AddArgument(new KernelArgument(ArgumentKind.Output, DType.Float64, InnerAccess.Varying));
        var value = b.Mul(b.Load(0), b.Float32(3));
        b.Store(1, value);
        b.Store(2, b.Convert(value, IrType.Float64));
        return b.Build("streams");
    }

    private static byte[] Run(ElementwiseKernel kernel, float[] x, int count, int firstOffset, int secondOffset, bool streams)
    {
        var memory = GC.AllocateUninitializedArray<byte>(40_000 + 128, pinned: true);
        Array.Fill(memory, Untouched);
        fixed (byte* start = memory)
        fixed (float* input = x)
        {
            var aligned = (byte*)(((nint)start + 63) & ~63);
            var pointers = stackalloc void*[3] { input, aligned + firstOffset, aligned + 13_000 + secondOffset };
            if (streams)
            {
                kernel.RunStreaming(pointers, count);
                StreamedResults.Publish();
            }
            else
            {
                kernel.Run(pointers, count);
            }

            return new Span<byte>(aligned, 39_000).ToArray();
        }
    }

    private static void InPlace(ElementwiseKernel kernel, float[] memory, bool streams)
    {
        var other = new double[memory.Length];
        fixed (float* x = memory)
        fixed (double* y = other)
        {
            var pointers = stackalloc void*[3] { x, x, y };
            if (streams)
            {
                kernel.RunStreaming(pointers, memory.Length);
            }
            else
            {
                kernel.Run(pointers, memory.Length);
            }
        }
    }
}
