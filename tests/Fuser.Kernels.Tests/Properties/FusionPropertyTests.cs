using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.Properties;

/// <summary>However a graph is run, its results have the same bits.</summary>
public sealed class FusionPropertyTests
{
    private static readonly IKernelTarget[] Widths = [.. Enum.GetValues<SimdWidth>().Select(width => new SimdTarget(width))];

    /// <summary>How many times as many programs are run; set <c>FUSER_PROPERTY_SCALE</c> for a long run.</summary>
    private static readonly int Scale = int.TryParse(Environment.GetEnvironmentVariable("FUSER_PROPERTY_SCALE"), out var scale) ? scale : 1;

    [Fact]
    public void Fused_and_unfused_give_the_same_bits() => ForPrograms(600, false, program =>
        Same(program, Run(program, InterpreterTarget.Instance, FusionMode.Unfused), Run(program, InterpreterTarget.Instance), "fused"));

    [Fact]
    public void Every_vector_width_gives_the_interpreters_bits() => ForPrograms(120, false, program =>
    {
        var expected = Run(program, InterpreterTarget.Instance);
        foreach (var target in Widths)
        {
            Same(program, expected, Run(program, target), target.Fingerprint);
        }
    });

    [Fact]
    public void Every_operation_by_itself_on_vectors_gives_the_interpreters_bits() => ForPrograms(80, false, program =>
        Same(program, Run(program, InterpreterTarget.Instance), Run(program, SimdTarget.Best, FusionMode.Unfused), "unfused on vectors"));

    [Fact]
    public void The_number_of_threads_changes_no_bit() => ForPrograms(25, false, large: true, check: program =>
    {
        var expected = Run(program, InterpreterTarget.Instance);
        foreach (var threads in new[] { 2, 3, 8 })
        {
            Same(program, expected, Run(program, SimdTarget.Best, threads: threads), $"{threads} threads");
        }
    });

    [Fact]
    public void Random_numbers_do_not_depend_on_fusion_widths_or_threads() => ForPrograms(200, true, program =>
    {
        var expected = Run(program, InterpreterTarget.Instance, FusionMode.Unfused);
        Same(program, expected, Run(program, InterpreterTarget.Instance), "fused");
        Same(program, expected, Run(program, SimdTarget.Best), "vectors");
    });

    [Fact]
    public void Random_numbers_do_not_depend_on_the_number_of_threads() => ForPrograms(15, true, large: true, check: program =>
        Same(program, Run(program, InterpreterTarget.Instance), Run(program, SimdTarget.Best, threads: 4), "4 threads"));

    [Fact]
    public void Outputs_of_any_layout_get_the_same_bits() => ForPrograms(250, false, program =>
    {
        var expected = Run(program, InterpreterTarget.Instance);
        var random = new Random(program.Text.Length);
        var outputs = expected.Select(fresh => RandomArrays.Create(random, fresh.DType, RandomArrays.Layout(random, fresh.Shape, mayRepeat: false))).ToArray();
        var compiled = KernelCompiler.Compile(program.Graph, program.Inputs, SimdTarget.Best);
        compiled.Runner.Run(program.Inputs, outputs, compiled.Kernels.AsSpan(), 7, 1);
        Same(program, expected, [.. outputs], "strided outputs");
    });

    [Fact]
    public void Outputs_that_overlap_inputs_get_the_same_bits() => ForPrograms(400, false, program =>
    {
        var expected = Run(program, InterpreterTarget.Instance);
        for (var output = 0; output < expected.Length; output++)
        {
            var random = new Random(program.Text.Length + output);
            if (Overlapping(program, expected[output], random) is not { } overlap)
            {
                continue;
            }

            NdArray[] outputs = [.. expected.Select(fresh => NdArray.Allocate(fresh.DType, fresh.Shape))];
            outputs[output] = overlap.Output;
            var compiled = KernelCompiler.Compile(program.Graph, overlap.Inputs, SimdTarget.Best);
            compiled.Runner.Run(overlap.Inputs, outputs, compiled.Kernels.AsSpan(), 7, 1);
            Same(program, expected, [.. outputs], $"output {output} over an input");
        }
    });

    /// <summary>The inputs with one of them moved into memory it shares with an output, at the same place or some elements apart.</summary>
    private static (FuserValue[] Inputs, NdArray Output)? Overlapping(RandomProgram program, NdArray wanted, Random random)
    {
        var inputs = program.Inputs;
        var candidates = Enumerable.Range(0, inputs.Length).Where(i => inputs[i].Kind == FuserValueKind.Array && inputs[i].Array.DType == wanted.DType && inputs[i].Array.ElementCount > 0 && wanted.ElementCount > 0).ToArray();
        if (candidates.Length == 0)
        {
            return null;
        }

        var chosen = RandomArrays.Pick(random, candidates);
        var source = inputs[chosen].Array;
        var shift = random.Next(2) == 0 ? 0 : random.Next(4);
        var length = (int)(source.ElementCount + wanted.ElementCount) + 8;
        return wanted.DType switch
        {
            DType.Bool => Place<bool>(),
            DType.UInt8 => Place<byte>(),
            DType.Int8 => Place<sbyte>(),
            DType.Int16 => Place<short>(),
            DType.Int32 => Place<int>(),
            DType.Int64 => Place<long>(),
            DType.Float16 => Place<Half>(),
            DType.BFloat16 => Place<BFloat16>(),
            DType.Float32 => Place<float>(),
            _ => Place<double>(),
        };

        (FuserValue[], NdArray) Place<T>()
            where T : unmanaged
        {
            var memory = new T[length];
            source.ToArray<T>().CopyTo(memory, shift);
            inputs[chosen] = NdArray.From(memory, source.DType, new TensorLayout(source.Shape, Shapes.ContiguousStrides(source.Shape.AsSpan()), shift));
            var offset = random.Next(2) == 0 ? shift : random.Next(4);
            return (inputs, NdArray.From(memory, wanted.DType, new TensorLayout(wanted.Shape, Shapes.ContiguousStrides(wanted.Shape.AsSpan()), offset)));
        }
    }

    private static void ForPrograms(int count, bool drawsNumbers, Action<RandomProgram> check, bool large = false) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(count * Scale),
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => check(RandomProgram.Create(seed, drawsNumbers, large))));

    private static ImmutableArray<NdArray> Run(RandomProgram program, IKernelTarget target, FusionMode mode = FusionMode.Fused, int threads = 1) =>
        KernelCompiler.Compile(program.Graph, program.Inputs, target, mode).Run(program.Inputs, seed: 7, threads);

    private static void Same(RandomProgram program, ImmutableArray<NdArray> expected, ImmutableArray<NdArray> actual, string what) => Bits.ShouldBeSame(actual, expected, $"{what}\n{program}");
}
