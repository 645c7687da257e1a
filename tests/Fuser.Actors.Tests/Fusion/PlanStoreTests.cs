using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

/// <summary>Plans are remembered within a limit of memory that all functions share.</summary>
public sealed class PlanStoreTests
{
    private const long Limit = 1 << 20;

    [Fact]
    public async Task The_memory_of_plans_stays_within_its_limit_and_every_answer_is_right()
    {
        await using var fuser = new FuserSystem(Systems.Options(options => options.MaxPlanBytes = Limit), target: InterpreterTarget.Instance);
        for (var round = 0; round < 2; round++)
        {
            for (var number = 0; number < 400; number++)
            {
                await fuser.RunScaled(number);
                fuser.Plans.Bytes.ShouldBeInRange(1, Limit);
            }
        }
    }

    [Fact]
    public async Task A_plan_that_is_forgotten_is_made_again()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        NdArray[] outputs = Graphs.Room();
        FuserValue[] inputs = [NdArray.From(Graphs.Data)];
        await function.RunAsync(inputs, outputs);
        function.TryRun(inputs, outputs).ShouldBeTrue();
        fuser.Plans.Bytes.ShouldBeGreaterThan(0);

        fuser.Plans.Free(long.MaxValue);
        fuser.Plans.Bytes.ShouldBe(0);
        function.TryRun(inputs, outputs).ShouldBeFalse();
        await function.RunAsync(inputs, outputs);
        outputs[0].ToArray<float>().ShouldBe(Graphs.Scaled(1, Graphs.Data));
        function.TryRun(inputs, outputs).ShouldBeTrue();
    }

    [Fact]
    public async Task A_plan_beyond_the_limit_runs_and_is_not_remembered()
    {
        await using var fuser = new FuserSystem(Systems.Options(options => options.MaxPlanBytes = Limit), target: InterpreterTarget.Instance);
        var nodes = string.Concat(Enumerable.Range(0, 4_000).Select(i => $"  %c{i} : float = prim::Constant[value={i}.]()\n  %v{i + 1} : Tensor = aten::maximum(%v{i}, %x)\n  %x{i} : Tensor = aten::mul(%v{i + 1}, %c{i})\n"));
        var function = await fuser.RegisterAsync(GraphText.Parse($"graph(%v0 : Tensor, %x : Tensor):\n{nodes}  return (%v4000, {string.Join(", ", Enumerable.Range(0, 4_000).Select(i => $"%x{i}"))})\n"));
        FuserValue[] inputs = [NdArray.From([1f, 2]), NdArray.From([0f, 3])];
        Partitioner.Plan(function.Normalised, inputs, FusionMode.Fused).EstimatedBytes.ShouldBeGreaterThan(Limit);
        var results = await function.RunAsync(inputs);
        results[0].ToArray<float>().ShouldBe([1f, 3]);
        results[8].ToArray<float>().ShouldBe([7f, 21]);
        fuser.Plans.Bytes.ShouldBe(0);
    }
}
