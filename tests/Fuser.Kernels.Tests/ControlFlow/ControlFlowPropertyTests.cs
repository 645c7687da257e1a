using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Programs;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;

namespace Fuser.Kernels.Tests.ControlFlow;

/// <summary>Whatever its branches and loops, a graph gives the bits of the same operations written out.</summary>
public sealed class ControlFlowPropertyTests
{
    /// <summary>How many times as many programs are run; set <c>FUSER_PROPERTY_SCALE</c> for a long run.</summary>
    private static readonly int Scale = int.TryParse(Environment.GetEnvironmentVariable("FUSER_PROPERTY_SCALE"), out var scale) ? scale : 1;

    [Fact]
    public void A_program_gives_the_bits_of_what_it_does_written_out() => ForPrograms(250, program =>
    {
        var expected = Run(program.WrittenOut, program.Inputs, InterpreterTarget.Instance, FusionMode.Unfused);
        Properties.Bits.ShouldBeSame(Run(program.Program, program.Inputs, InterpreterTarget.Instance, FusionMode.Unfused), expected, $"unfused\n{program.Program}");
        Properties.Bits.ShouldBeSame(Run(program.Program, program.Inputs, InterpreterTarget.Instance, FusionMode.Fused), expected, $"fused\n{program.Program}");
    });

    [Fact]
    public void Compiled_kernels_change_no_bit_of_a_program() => ForPrograms(40, program => Properties.Bits.ShouldBeSame(
        Run(program.Program, program.Inputs, SimdTarget.Best, FusionMode.Fused),
        Run(program.Program, program.Inputs, InterpreterTarget.Instance, FusionMode.Unfused),
        program.Program));

    [Fact]
    public void Normalising_a_program_twice_changes_nothing() => ForPrograms(250, program =>
    {
        var once = Normaliser.Normalise(GraphText.Parse(program.Program));
        Normaliser.Normalise(once.Graph).Text.ShouldBe(once.Text);
        Normaliser.Normalise(GraphText.Parse(once.Text)).Text.ShouldBe(once.Text);
    });

    [Fact]
    public void Most_programs_have_decisions_that_only_a_run_can_make()
    {
        var programs = Enumerable.Range(0, 200).Select(RandomControlFlow.Create).OfType<RandomControlFlow>().ToList();
        programs.Count.ShouldBeGreaterThan(150);
        var running = programs.Select(program => GraphProgram.Of(Normaliser.Normalise(GraphText.Parse(program.Program)))).OfType<GraphProgram>().ToList();
        running.Count.ShouldBeGreaterThan(80);
        running.Count(program => program.Graph.Text.Split("prim::Loop").Length > 2).ShouldBeGreaterThan(20);
        running.Average(program => program.Regions.Length).ShouldBeGreaterThan(2);
    }

    private static ImmutableArray<NdArray> Run(string text, FuserValue[] inputs, IKernelTarget target, FusionMode mode) =>
        KernelCompiler.Compile(GraphText.Parse(text), inputs, target, mode).Run(inputs, seed: 7);

    private static void ForPrograms(int count, Action<RandomControlFlow> check) => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(count * Scale),
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            if (RandomControlFlow.Create(seed) is { } program)
            {
                check(program);
            }
        }));
}
