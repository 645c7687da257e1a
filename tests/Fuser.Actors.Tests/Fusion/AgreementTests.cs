using Fuser.Actors.TestKit;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

public sealed class AgreementTests
{
    private static readonly RunOptions[] Ways =
    [
        new() { Device = "cpu" },
        new() { Device = "cpu", Threads = 1 },
        new() { Device = "interpreter" },
        new() { Unfused = true },
    ];

    [Fact]
    public async Task Random_graphs_give_the_same_bits_on_every_way_through_the_actors()
    {
        await using var fuser = new FuserSystem(Systems.Options());
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            var computation = new RandomComputation(random);
            var function = await fuser.RegisterAsync(computation.Graph);
            for (var shapes = 0; shapes < 2; shapes++)
            {
                var inputs = computation.Inputs(random);
                var wanted = RandomComputation.Bits(await function.RunAsync(inputs, Ways[^1]));
                foreach (var way in Ways[..^1])
                {
                    RandomComputation.Bits(await function.RunAsync(inputs, way)).ShouldBe(wanted, $"seed {seed}, {way}\n{computation.Graph}");
                    RandomComputation.Bits(await function.RunAsync(inputs, way)).ShouldBe(wanted, $"seed {seed}, again, {way}");
                }
            }
        }

        (await fuser.Statistics()).CompilesFailed.ShouldBe(0);
    }

    [Fact]
    public async Task Many_threads_run_many_functions_with_many_shapes_while_kernels_are_evicted()
    {
        const int Functions = 24, Variants = 3, Threads = 8, RunsEach = 250;
        await using var fuser = new FuserSystem(Systems.Options(options => (options.MaxSpecs, options.MaxKernels) = (12, 9)));
        var work = new List<(FusedFunction Function, FuserValue[] Inputs, string Wanted)>();
        for (var seed = 0; seed < Functions; seed++)
        {
            var random = new Random(seed);
            var computation = new RandomComputation(random);
            var function = await fuser.RegisterAsync(computation.Graph);
            for (var variant = 0; variant < Variants; variant++)
            {
                var inputs = computation.Inputs(random);
                work.Add((function, inputs, RandomComputation.Bits(await function.RunAsync(inputs, new RunOptions { Unfused = true }))));
            }
        }

        var before = await fuser.Statistics();
        var done = 0;
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(async () =>
        {
            var random = new Random(1000 + thread);
            for (var i = 0; i < RunsEach; i++)
            {
                var (function, inputs, wanted) = work[random.Next(work.Count)];
                var options = random.Next(10) switch { 0 => new RunOptions { Device = "interpreter" }, 1 => new RunOptions { Unfused = true }, _ => null };
                RandomComputation.Bits(await function.RunAsync(inputs, options)).ShouldBe(wanted);
                Interlocked.Increment(ref done);
            }
        }))).WaitAsync(ActorTestKit.HangLimit);

        done.ShouldBe(Threads * RunsEach);
        var after = await fuser.Statistics();
        (after.Runs - before.Runs).ShouldBe(done);
        after.KernelsEvicted.ShouldBeGreaterThan(0);
        after.Kernels.ShouldBeLessThanOrEqualTo(9);
        (after.KernelsCompiled - after.KernelsEvicted).ShouldBe(after.Kernels);
        (after.SpecsCreated - after.SpecsEvicted).ShouldBe(after.Specs);
        (after.CompilesFailed, after.ActorRestarts).ShouldBe((0, 0));
    }
}
