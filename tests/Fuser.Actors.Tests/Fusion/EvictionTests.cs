using Fuser.Actors.TestKit;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

public sealed class EvictionTests
{
    [Theory]
    [InlineData(100, 4_000)]
    [InlineData(4_000, 100)]
    [InlineData(20, 7)]
    public async Task Ten_thousand_graphs_stay_within_the_limits_and_every_answer_is_right(int maxSpecs, int maxKernels)
    {
        const int Graphs = 10_000;
        await using var fuser = new FuserSystem(Systems.Options(options => (options.MaxSpecs, options.MaxKernels) = (maxSpecs, maxKernels)), target: InterpreterTarget.Instance);
        using var done = new CancellationTokenSource();
        var sampling = Task.Run(async () =>
        {
            var samples = 0;
            while (!done.IsCancellationRequested)
            {
                Check(await fuser.Statistics());
                samples++;
                await Task.Yield();
            }

            return samples;
        });

        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var number = Interlocked.Increment(ref next); number < Graphs; number = Interlocked.Increment(ref next))
            {
                await fuser.RunScaled(number);
            }
        }))).WaitAsync(ActorTestKit.HangLimit);
        await done.CancelAsync();
        (await sampling.Guard()).ShouldBeGreaterThan(0);

        var statistics = await fuser.Statistics();
        Check(statistics);
        statistics.SpecsCreated.ShouldBeGreaterThanOrEqualTo(Graphs);
        statistics.Runs.ShouldBe(Graphs);
        statistics.FallbackRuns.ShouldBe(0);
        statistics.SpecsEvicted.ShouldBe(statistics.SpecsCreated - statistics.Specs);
        statistics.KernelsEvicted.ShouldBe(statistics.KernelsCompiled - statistics.Kernels);
        statistics.CompilesFailed.ShouldBe(0);

        void Check(FuserStatistics now)
        {
            now.Specs.ShouldBeLessThanOrEqualTo(maxSpecs);
            now.Kernels.ShouldBeLessThanOrEqualTo(maxKernels);
        }
    }

    [Fact]
    public async Task The_memory_of_kernels_stays_within_its_limit()
    {
        const long Limit = 1 << 20;
        await using var fuser = new FuserSystem(Systems.Options(options => options.MaxCodeBytes = Limit), target: new GatedTarget());
        for (var number = 0; number < 600; number++)
        {
            await fuser.RunScaled(number);
            (await fuser.Statistics()).CodeBytes.ShouldBeLessThanOrEqualTo(Limit);
        }

        var statistics = await fuser.Statistics();
        (statistics.Kernels, statistics.KernelsEvicted).ShouldBe((Limit / 4096, 600 - (Limit / 4096)));
    }

    [Fact]
    public async Task What_was_used_least_recently_goes_first()
    {
        await using var fuser = new FuserSystem(Systems.Options(options => options.MaxSpecs = 3), target: new GatedTarget());
        foreach (var number in (int[])[1, 2, 3, 1])
        {
            await fuser.RunScaled(number);
            await NextTick(); // uses are told apart by the system's tick count
        }

        await fuser.RunScaled(4);
        ((await fuser.Spec(1)) is not null, (await fuser.Spec(2)) is not null, (await fuser.Spec(3)) is not null).ShouldBe((true, false, true));
    }

    [Fact]
    public async Task A_kernel_that_is_running_is_not_evicted_and_the_idle_one_goes()
    {
        using var gate = new Gate { IsOn = false };
        await using var fuser = new FuserSystem(Systems.Options(options => options.MaxKernels = 2), target: new GatedTarget(onRun: gate.Pass));
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        var output = Graphs.Room();
        await function.RunAsync(Graphs.Inputs(NdArray.From(Graphs.Data)), output);
        await NextTick();
        await fuser.RunScaled(2);

        gate.IsOn = true;
        var running = Task.Run(() => function.TryRun(Graphs.Inputs(NdArray.From(Graphs.Data)), output));
        await gate.Reached();
        gate.IsOn = false;
        await fuser.RunScaled(3);
        await fuser.RunScaled(4);
        function.WouldCompile(Graphs.Inputs(NdArray.From(Graphs.Data))).ShouldBeFalse("the oldest kernel runs, so another had to go");
        (await fuser.RunScaled(2)).Kernels[0].Cached.ShouldBeFalse();
        (await fuser.Statistics()).Kernels.ShouldBe(2);

        output[0].AsSpan<float>().Clear();
        gate.Open();
        (await running.Guard()).ShouldBeTrue();
        output[0].ToArray<float>().ShouldBe(Graphs.Scaled(1, Graphs.Data));
        await fuser.RunScaled(5);
        await fuser.RunScaled(6);
        function.WouldCompile(Graphs.Inputs(NdArray.From(Graphs.Data))).ShouldBeTrue("nothing runs it any more, and it is the oldest");
    }

    [Fact]
    public async Task When_every_kernel_runs_the_newcomer_is_not_kept_and_its_run_is_right()
    {
        using var gate = new Gate { IsOn = false };
        await using var fuser = new FuserSystem(Systems.Options(options => options.MaxKernels = 1), target: new GatedTarget(onRun: gate.Pass));
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        gate.IsOn = true;
        var running = function.RunAsync(Graphs.Inputs(NdArray.From(Graphs.Data)));
        var first = Task.Run(async () => await running);
        await gate.Reached();
        gate.IsOn = false;
        (await fuser.RunScaled(2)).Fallbacks.ShouldBeEmpty();
        (await fuser.RunScaled(2)).Kernels[0].Cached.ShouldBeFalse();
        var statistics = await fuser.Statistics();
        (statistics.Kernels, statistics.KernelsCompiled, statistics.KernelsEvicted).ShouldBe((1, 3, 2));
        gate.Open();
        (await first.Guard())[0].ToArray<float>().ShouldBe(Graphs.Scaled(1, Graphs.Data));
        await fuser.RunScaled(2);
        (await fuser.RunScaled(2)).Kernels[0].Cached.ShouldBeTrue();
    }

    [Fact]
    public async Task A_spec_with_a_running_kernel_is_not_evicted_while_an_idle_one_is_there()
    {
        using var gate = new Gate { IsOn = false };
        await using var fuser = new FuserSystem(Systems.Options(options => options.MaxSpecs = 2), target: new GatedTarget(onRun: gate.Pass));
        await fuser.RunScaled(1);
        await NextTick();
        await fuser.RunScaled(2);
        gate.IsOn = true;
        var running = Task.Run(() => fuser.RunScaled(1));
        await gate.Reached();
        gate.IsOn = false;
        await NextTick();
        await fuser.RunScaled(2);
        await fuser.RunScaled(3);
        ((await fuser.Spec(1)) is not null, (await fuser.Spec(2)) is not null).ShouldBe((true, false));
        gate.Open();
        await running.Guard();
    }

    [Fact]
    public async Task A_spec_that_is_evicted_while_it_runs_ends_its_run_right()
    {
        using var gate = new Gate { IsOn = false };
        await using var fuser = new FuserSystem(Systems.Options(options => options.MaxSpecs = 1), target: new GatedTarget(onRun: gate.Pass));
        gate.IsOn = true;
        var running = Task.Run(() => fuser.RunScaled(1));
        await gate.Reached();
        gate.IsOn = false;
        await fuser.RunScaled(2);
        (await fuser.Statistics()).Specs.ShouldBe(1);
        gate.Open();
        await running.Guard();
    }

    [Fact]
    public async Task A_spec_that_is_evicted_while_it_compiles_answers_who_waits()
    {
        using var gate = new Gate();
        var target = new GatedTarget(kernel => gate.Pass());
        await using var fuser = new FuserSystem(Systems.Options(options => options.MaxSpecs = 1), target: target);
        var waiting = fuser.RunScaled(1);
        await gate.Reached();
        gate.IsOn = false;
        await fuser.RunScaled(2);
        gate.Open();
        (await waiting.Guard()).Fallbacks.ShouldBeEmpty();
        var statistics = await fuser.Statistics();
        (statistics.Specs, statistics.KernelsCompiled, statistics.Kernels, statistics.KernelsEvicted).ShouldBe((1, 2, 1, 1));
    }

    [Fact]
    public async Task An_evicted_function_compiles_again_and_works()
    {
        await using var fuser = new FuserSystem(Systems.Options(options => options.MaxSpecs = 1));
        var function = await fuser.RegisterAsync(Graphs.Scale(1));
        FuserValue[] inputs = [NdArray.From(Graphs.Data)];
        for (var round = 0; round < 3; round++)
        {
            (await function.RunAsync(inputs))[0].ToArray<float>().ShouldBe(Graphs.Scaled(1, Graphs.Data));
            function.WouldCompile(inputs).ShouldBeFalse();
            await fuser.RunScaled(2);
            function.WouldCompile(inputs).ShouldBeTrue();
            function.TryRun(inputs, Graphs.Room()).ShouldBeFalse();
        }

        (await fuser.Statistics()).KernelsCompiled.ShouldBe(6);
    }

    [Fact]
    public async Task Clearing_drops_what_does_not_run_and_functions_compile_again()
    {
        using var gate = new Gate { IsOn = false };
        await using var fuser = new FuserSystem(Systems.Options(), target: new GatedTarget(onRun: gate.Pass));
        await fuser.RunScaled(1);
        await fuser.RunScaled(2);
        gate.IsOn = true;
        var running = Task.Run(() => fuser.RunScaled(2));
        await gate.Reached();
        gate.IsOn = false;
        await fuser.ClearAsync();
        var statistics = await fuser.Statistics();
        (statistics.Kernels, statistics.KernelsEvicted).ShouldBe((1, 1), "the running one stays");
        gate.Open();
        await running.Guard();
        (await fuser.RunScaled(1)).Kernels[0].Cached.ShouldBeFalse();
        (await fuser.RunScaled(2)).Kernels[0].Cached.ShouldBeTrue();
        await fuser.ClearAsync();
        (await fuser.Statistics()).Kernels.ShouldBe(0);
        (await fuser.Statistics()).CodeBytes.ShouldBe(0);
    }

    [Fact]
    public async Task Clearing_beside_runs_and_evictions_always_ends()
    {
        await using var fuser = new FuserSystem(Systems.Options(options => options.MaxSpecs = 4), target: InterpreterTarget.Instance);
        var clearing = Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                await fuser.ClearAsync();
            }
        });
        for (var i = 0; i < 300; i++)
        {
            await fuser.RunScaled(i % 10);
        }

        await clearing.Guard();
        await fuser.ClearAsync();
        var statistics = await fuser.Statistics();
        (statistics.Kernels, statistics.KernelsCompiled - statistics.KernelsEvicted).ShouldBe((0, 0));
    }

    /// <summary>Waits until the system's tick count has moved on.</summary>
    private static async Task NextTick()
    {
        for (var now = Environment.TickCount64; Environment.TickCount64 == now;)
        {
            await Task.Yield();
        }
    }
}
