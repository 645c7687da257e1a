using System.Diagnostics;
using System.Globalization;
using Fuser.Actors;
using Fuser.Actors.Caching;
using Fuser.Actors.Devices;
using Fuser.Compare.Measuring;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Tensors;

namespace Fuser.Compare.Peers;

/// <summary>What only this runtime is asked for: the cost of a call, and how calls on several threads get along.</summary>
internal static class RuntimeFigures
{
    private const int Elements = 16;
    private const int Operations = 5;
    private const double Seconds = 0.05;
    private const int CallsForBytes = 10_000;

    /// <param name="arguments"><c>call NAME</c>: nanoseconds and bytes a call; <c>hammer THREADS shared|own</c>: millions of calls a second.</param>
    public static IEnumerable<string> Of(FuserSystem fuser, IReadOnlyList<string> arguments) => arguments[0] switch
    {
        "call" => Call(fuser, arguments[1]),
        "hammer" => [Hammer(fuser, int.Parse(arguments[1], CultureInfo.InvariantCulture), arguments[2] == "own").ToString("R", CultureInfo.InvariantCulture)],
        _ => throw new FormatException($"unknown figure '{arguments[0]}'"),
    };

    private static IEnumerable<string> Call(FuserSystem fuser, string name)
    {
        var function = Function(fuser, 0);
        FuserValue[] inputs = [new float[Elements], new float[Elements]];
        NdArray[] outputs = [NdArray.From(new float[Elements])];
        function.WarmUpAsync(inputs).AsTask().GetAwaiter().GetResult();
        var call = name switch
        {
            "TryRun" => () => Require(function.TryRun(inputs, outputs)),
            "RunAsync" => () => Require(IsDone(function.RunAsync(inputs, outputs))),
            "RunAsync-new" => () => Require(IsDone(function.RunAsync(inputs))),
            "actor" => ThroughActor(fuser, inputs, outputs),
            _ => throw new FormatException($"unknown call '{name}'"),
        };
        var (nanoseconds, _) = Clock.Measure(call, Seconds);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < CallsForBytes; i++)
        {
            call();
        }

        var bytes = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)CallsForBytes;
        return [nanoseconds.ToString("R", CultureInfo.InvariantCulture), bytes.ToString("0.##", CultureInfo.InvariantCulture)];
    }

    /// <summary>
    /// A launch that is asked of the processor's device actor, as one that stands in for devices with a queue: runs on the processor skip it.
    /// </summary>
    private static Action ThroughActor(FuserSystem fuser, FuserValue[] inputs, NdArray[] outputs)
    {
        var (device, actor) = (fuser.Devices.Host[0].Device, fuser.Devices.Host[0].Actor);
        var plan = Partitioner.Plan(Normaliser.Normalise(GraphText.Parse(Graphs.Chain(Operations, 0))), inputs, FusionMode.Fused);
        var prepared = new PreparedRun(device, plan);
        var specialisation = prepared.Specialisations[0];
        var spec = fuser.Cache.Ask<SpecHandle>(new Register(specialisation.Spec)).AsTask().GetAwaiter().GetResult();
        var kernel = spec.Actor.Ask<KernelReady>(new Warm(specialisation.Arguments, device.Target)).AsTask().GetAwaiter().GetResult();
        var launch = new Launch(prepared.Runner, [kernel], [.. inputs], [.. outputs], 0, 1);
        return () =>
        {
            var answer = actor.Ask<Launched>(launch);
            while (!answer.IsCompleted)
            {
                Thread.SpinWait(1);
            }

            answer.GetAwaiter().GetResult();
        };
    }

    /// <summary>Millions of calls a second by so many threads together, on one function or each on one of its own.</summary>
    private static double Hammer(FuserSystem fuser, int threads, bool own)
    {
        var functions = Enumerable.Range(0, threads).Select(i => Function(fuser, own ? i : 0)).ToArray();
        using var start = new Barrier(threads + 1);
        var stop = false;
        var counts = new long[threads];
        var workers = Enumerable.Range(0, threads).Select(i => new Thread(() => counts[i] = CallsUntil(functions[i], start, ref stop))).ToList();
        workers.ForEach(worker => worker.Start());
        start.SignalAndWait();
        var begin = Stopwatch.GetTimestamp();
        using var end = new ManualResetEventSlim();
        end.Wait(TimeSpan.FromSeconds(4 * Seconds));
        Volatile.Write(ref stop, true);
        workers.ForEach(worker => worker.Join());
        return counts.Sum() / Stopwatch.GetElapsedTime(begin).TotalMicroseconds;
    }

    private static long CallsUntil(FusedFunction function, Barrier start, ref bool stop)
    {
        FuserValue[] inputs = [new float[Elements], new float[Elements]];
        NdArray[] outputs = [NdArray.From(new float[Elements])];
        function.WarmUpAsync(inputs).AsTask().GetAwaiter().GetResult();
        start.SignalAndWait();
        long calls = 0;
        while (!Volatile.Read(ref stop))
        {
            Require(function.TryRun(inputs, outputs));
            calls++;
        }

        return calls;
    }

    private static FusedFunction Function(FuserSystem fuser, int number) =>
        fuser.RegisterAsync(GraphText.Parse(Graphs.Chain(Operations, number))).AsTask().GetAwaiter().GetResult();

    private static bool IsDone(ValueTask run) => run.IsCompletedSuccessfully;

    private static bool IsDone<T>(ValueTask<T> run) => run.IsCompletedSuccessfully;

    private static void Require(bool done)
    {
        if (!done)
        {
            throw new InvalidOperationException("the call was not warm");
        }
    }
}
