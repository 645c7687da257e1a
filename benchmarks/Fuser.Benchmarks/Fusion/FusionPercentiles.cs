using System.Diagnostics;
using Fuser.Actors;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Benchmarks.Fusion;

/// <summary>Percentiles, bytes and throughput of warm runs and of first results, in one process.</summary>
internal static class FusionPercentiles
{
    private const int Batch = 16;

    internal static async Task RunAsync()
    {
        Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}");
        await using var fuser = await FuserSystem.StartAsync();
        await FirstResultsAsync(fuser);
        await WarmRunsAsync(fuser);
    }

    private static async Task FirstResultsAsync(FuserSystem fuser)
    {
        FuserValue[] inputs = [new float[16], new float[16]];
        Console.WriteLine($"{"text to first result, ms",-34} {"p50",8} {"p90",8} {"p99",8}");
        var number = 0;
        foreach (var operations in (int[])[5, 30, 150])
        {
            for (var i = 0; i < 100; i++)
            {
                await FirstAsync(operations);
            }

            var samples = new double[300];
            for (var i = 0; i < samples.Length; i++)
            {
                samples[i] = await FirstAsync(operations);
            }

            Print($"{operations} operations", samples);
        }

        async Task<double> FirstAsync(int operations)
        {
            var text = BenchmarkGraphs.Chain(operations, ++number);
            var start = Stopwatch.GetTimestamp();
            var function = await fuser.RegisterAsync(GraphText.Parse(text));
            await function.RunAsync(inputs);
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
    }

    private static bool IsDone(ValueTask run) => run.IsCompletedSuccessfully;

    private static async Task WarmRunsAsync(FuserSystem fuser)
    {
        FuserValue[] inputs = [new float[16], new float[16]];
        NdArray[] outputs = [NdArray.From(new float[16])];
        var function = await fuser.RegisterAsync(GraphText.Parse(BenchmarkGraphs.Chain(5, 0)));
        await function.WarmUpAsync(inputs);

        Console.WriteLine($"{$"16 elements, us (mean of {Batch})",-34} {"p50",8} {"p90",8} {"p99",8}");
        foreach (var (name, run) in (((string, Action)[])[
            ("RunAsync(inputs, outputs)", () => Check(IsDone(function.RunAsync(inputs, outputs)))),
            ("TryRun", () => Check(function.TryRun(inputs, outputs)))]))
        {
            var samples = new double[100_000];
            Sample(run, samples);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Sample(run, samples);
            var bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / ((double)samples.Length * Batch);
            Print(name, samples);
            Console.WriteLine($"{"  bytes a run",-34} {bytes,8:0.##}");
        }

        foreach (var threads in (int[])[1, 2])
        {
            Console.WriteLine($"{$"throughput, {threads} threads, million/s",-34} {Throughput(function, threads),8:0.00}");
        }
    }

    /// <summary>A timestamp costs as much as a tenth of a run, so a sample is the mean of a few.</summary>
    private static void Sample(Action run, double[] samples)
    {
        for (var i = 0; i < samples.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var j = 0; j < Batch; j++)
            {
                run();
            }

            samples[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds / Batch;
        }
    }

    private static void Check(bool done)
    {
        if (!done)
        {
            throw new InvalidOperationException("the run was not warm");
        }
    }

    private static double Throughput(FusedFunction function, int threads)
    {
        const int RunsEach = 1_000_000;
        var start = Stopwatch.GetTimestamp();
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            FuserValue[] inputs = [new float[16], new float[16]];
            NdArray[] outputs = [NdArray.From(new float[16])];
            for (var i = 0; i < RunsEach; i++)
            {
                function.TryRun(inputs, outputs);
            }
        })).ToList();
        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
        return threads * RunsEach / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e6;
    }

    private static void Print(string name, double[] samples)
    {
        Array.Sort(samples);
        Console.WriteLine($"{name,-34} {At(0.5),8:0.000} {At(0.9),8:0.000} {At(0.99),8:0.000}");

        double At(double share) => samples[(int)((samples.Length - 1) * share)];
    }
}
