using Fuser.Kernels.Devices;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Simd;
using Fuser.Kernels.Tensors;
using Fuser.Kernels.Tests.Properties;

namespace Fuser.Kernels.Tests.Partitioning;

public sealed class MemoryPlanTests
{
    private const int ChainLength = 40;

    /// <summary>Running sums wait for each other, so each is a step and its result a temporary.</summary>
    private static readonly string Chain = Programs.Text(
        "x",
        string.Join("; ", Enumerable.Range(0, ChainLength).Select(i => $"%c{i + 1} = aten::cumsum(%{(i == 0 ? "x" : $"c{i}")}, %i0, %none)")) + $"; %y = aten::neg(%c{ChainLength})",
        "y");

    [Fact]
    public void A_long_chain_of_steps_that_cannot_be_fused_needs_two_buffers()
    {
        var plan = Programs.Plan(Chain, NdArray.From(new float[1000]));
        plan.Steps.Length.ShouldBe(ChainLength + 1);
        var one = MemorySizes.WholeLines(1000, sizeof(float));
        (plan.Memory.PeakBytes, plan.Memory.TotalBytes).ShouldBe((2 * one, ChainLength * one));
    }

    [Fact]
    public void A_long_chain_of_operations_needs_two_buffers_without_fusion_and_none_with_it()
    {
        var text = Programs.Text("x", "%c0 = aten::exp(%x); " + string.Join("; ", Enumerable.Range(0, 300).Select(i => $"%c{i + 1} = aten::sin(%c{i})")), "c300");
        var one = MemorySizes.WholeLines(1000, sizeof(float));
        Plan(text, FusionMode.Unfused, NdArray.From(new float[1000])).Memory.PeakBytes.ShouldBe(2 * one);
        Plan(text, FusionMode.Fused, NdArray.From(new float[1000])).Memory.PeakBytes.ShouldBe(0);
    }

    [Fact]
    public void Parts_of_a_concatenation_live_from_the_first_that_is_written_to_the_last_read()
    {
        // The whole is read as a whole; its first part comes early and its last after a chain that needs memory of its own.
        var body = "%a = aten::cumsum(%x, %i0, %none); %b = aten::cumsum(%a, %i0, %none); %c = aten::cumsum(%b, %i0, %none); %l : Tensor[] = prim::ListConstruct(%x, %c);"
            + "%w = aten::cat(%l, %i0); %s = aten::cumsum(%w, %i0, %none); %y = aten::neg(%s)";
        var plan = Programs.Plan(Programs.Text("x", body, "y"), NdArray.From(new float[1024]));
        ShouldKeepLivingBuffersApart(plan);
        var written = plan.Steps.Select(step => StepAccess.Of(step, plan.Groups).Writes.Select(write => write.Buffer).ToArray()).ToArray();
        written.SelectMany(buffers => buffers).GroupBy(buffer => buffer).ShouldContain(writes => writes.Count() > 1, "a buffer is written by several steps");
        Programs.Run(Programs.Text("x", body, "y"), Programs.Range(1024));
    }

    /// <summary>What a call takes from its pool is what the plan says, and a second call takes the same memory.</summary>
    [Fact]
    public void A_call_needs_the_peak_and_no_more()
    {
        FuserValue[] inputs = [Programs.Range(50_000)];
        using var pool = new BlockPool(1 << 26, TimeProvider.System, () => false);
        var (runner, kernels) = Runner(Chain, pool, inputs);
        NdArray[] outputs = [NdArray.Allocate(DType.Float32, [50_000])];
        var peak = runner.Plan.Memory.PeakBytes;
        for (var call = 0; call < 3; call++)
        {
            runner.Run(inputs, outputs, kernels, 0, 1);
            (pool.UsedBytes, pool.KeptBytes).ShouldBe((0, BlockPool.SizeOf(peak)));
        }

        Bits.ShouldBeSame(outputs, Programs.RunOn(SimdTarget.Best, FusionMode.Unfused, Chain, inputs), "with memory that is used again");
    }

    [Fact]
    public void A_result_that_is_computed_elsewhere_is_added_to_the_peak()
    {
        var memory = new float[50_000];
        FuserValue[] inputs = [NdArray.From(memory)];
        using var pool = new BlockPool(1 << 26, TimeProvider.System, () => false);
        var (runner, kernels) = Runner(Chain, pool, inputs);
        runner.Run(inputs, [NdArray.From(memory)], kernels, 0, 1);
        pool.KeptBytes.ShouldBe(BlockPool.SizeOf(runner.Plan.Memory.PeakBytes + MemorySizes.WholeLines(50_000, sizeof(float))));
    }

    [Fact]
    public void Plans_of_random_programs_keep_living_buffers_apart_and_never_need_more_than_without_reuse()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var program = RandomProgram.Create(seed);
            foreach (var mode in new[] { FusionMode.Fused, FusionMode.Unfused })
            {
                ShouldKeepLivingBuffersApart(Partitioner.Plan(Normaliser.Normalise(program.Graph), program.Inputs, mode));
            }
        }
    }

    [Fact]
    public void More_than_the_machine_has_is_refused_with_the_number_of_bytes()
    {
        var body = $"%n : int = prim::Constant[value={1L << 45}](); %s : int[] = prim::ListConstruct(%n, %in1); %e = aten::expand(%x, %s); %c = aten::cumsum(%e, %i0, %none); %y = aten::sum(%c, %none)";
        FuserValue[] inputs = [Programs.Range(4)];
        Should.Throw<InputException>(() => Programs.RunOn(SimdTarget.Best, FusionMode.Fused, Programs.Text("x", body, "y"), inputs)).Message.ShouldContain($"{(1L << 45) * 16} bytes");
    }

    /// <summary>Walks the steps as a call does, and looks at every two buffers that are alive.</summary>
    private static void ShouldKeepLivingBuffersApart(GraphPlan plan)
    {
        var uses = plan.Steps.Select(step => StepAccess.Of(step, plan.Groups)).Select(access => access.Reads.Concat(access.Writes).Select(use => use.Buffer).ToHashSet()).ToArray();
        long BytesOf(int buffer) => MemorySizes.WholeLines(Shapes.ElementCount(plan.Buffers[buffer].Shape.AsSpan()), plan.Buffers[buffer].Storage.ItemSize());
        int[] temporaries = [.. Enumerable.Range(0, plan.Buffers.Length).Where(buffer => plan.Buffers[buffer].Kind == BufferKind.Temporary && uses.Any(use => use.Contains(buffer)))];
        long most = 0;
        for (var step = 0; step < uses.Length; step++)
        {
            int[] alive = [.. temporaries.Where(buffer => uses[..(step + 1)].Any(use => use.Contains(buffer)) && uses[step..].Any(use => use.Contains(buffer)))];
            most = Math.Max(most, alive.Sum(BytesOf));
            foreach (var (a, b) in alive.SelectMany(a => alive.Where(b => b > a).Select(b => (a, b))))
            {
                var (first, second) = (plan.Memory.Offsets[a], plan.Memory.Offsets[b]);
                (first + BytesOf(a) <= second || second + BytesOf(b) <= first).ShouldBeTrue($"buffers {a} and {b} share memory in step {step}");
            }
        }

        plan.Memory.PeakBytes.ShouldBeInRange(most, plan.Memory.TotalBytes);
        temporaries.All(buffer => plan.Memory.Offsets[buffer] % MemorySizes.CacheLine == 0 && plan.Memory.Offsets[buffer] + BytesOf(buffer) <= plan.Memory.PeakBytes).ShouldBeTrue();
    }

    private static GraphPlan Plan(string text, FusionMode mode, params FuserValue[] inputs) => Partitioner.Plan(Normaliser.Normalise(GraphText.Parse(text)), inputs, mode);

    private static (PlanRunner Runner, CompiledKernel[] Kernels) Runner(string text, BlockPool pool, FuserValue[] inputs)
    {
        var plan = Plan(text, FusionMode.Fused, inputs);
        Specialisation[] specialisations = [.. plan.Groups.Select(group => Specialisation.Of(group, SimdTarget.Best.Fingerprint))];
        return (
            new PlanRunner(plan, [.. specialisations.Select(GroupLaunch.Of)], pool),
            [.. specialisations.Select(specialisation => KernelCompiler.CompileKernel(specialisation.Spec, specialisation.Arguments, SimdTarget.Best))]);
    }
}
