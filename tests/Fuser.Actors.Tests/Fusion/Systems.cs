using Fuser.Actors.Caching;
using Fuser.Actors.TestKit;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

/// <summary>Short forms for what every test does.</summary>
internal static class Systems
{
    public static FuserOptions Options(Action<FuserOptions>? change = null)
    {
        // No test fails because the machine has other things to do: those that are about these times set them.
        var options = new FuserOptions
        {
            Threads = 2,
            Compilers = 2,
            CacheDirectory = "",
            AskTimeout = ActorTestKit.HangLimit,
            CompileTimeout = ActorTestKit.HangLimit,
            ShutdownTimeout = TimeSpan.FromSeconds(2),
        };
        change?.Invoke(options);
        return options;
    }

    /// <summary>Registers the scaling graph of that number, runs it and checks every element.</summary>
    public static async Task<RunReport> RunScaled(this FuserSystem fuser, int number, RunOptions? options = null)
    {
        var function = await fuser.RegisterAsync(Graphs.Scale(number));
        var report = await function.RunWithReportAsync(Graphs.Inputs(NdArray.From(Graphs.Data)), options).AsTask().WaitAsync(ActorTestKit.HangLimit);
        report.Outputs[0].ToArray<float>().ShouldBe(Graphs.Scaled(number, Graphs.Data));
        return report;
    }

    /// <summary>The actor of the spec of that scaling graph, or null when the cache has none.</summary>
    public static async Task<SpecHandle?> Spec(this FuserSystem fuser, int number)
    {
        var plan = Partitioner.Plan(Normaliser.Normalise(Graphs.Scale(number)), Graphs.Inputs(NdArray.From(Graphs.Data)), FusionMode.Fused);
        return (await fuser.Cache.Ask<LookedUp>(new Lookup(new KernelSpec(plan.Groups[0].Graph).Key)).Guard()).Handle;
    }

    public static async Task<FuserStatistics> Statistics(this FuserSystem fuser) => await fuser.GetStatisticsAsync();

    public static Task<T> Guard<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(ActorTestKit.HangLimit);

    public static Task Guard(this ValueTask task) => task.AsTask().WaitAsync(ActorTestKit.HangLimit);

    public static Task<T> Guard<T>(this Task<T> task) => task.WaitAsync(ActorTestKit.HangLimit);

    public static Task Guard(this Task task) => task.WaitAsync(ActorTestKit.HangLimit);

    /// <summary>Moves the clock until the task is done or counts as hung; how it ended is for the caller to see.</summary>
    public static async Task AdvanceUntil(this ManualTimeProvider time, Task task)
    {
        var hung = Task.Delay(ActorTestKit.HangLimit);
        while (!task.IsCompleted && !hung.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }

    public static int[] Bits(this NdArray array) => [.. array.ToArray<float>().Select(BitConverter.SingleToInt32Bits)];
}
