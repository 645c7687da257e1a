using System.Diagnostics;
using Fuser.Actors;
using Fuser.Compare.Measuring;
using Fuser.Compare.Peers;
using Fuser.Compare.Workloads;
using Fuser.Gpu.Reports;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Gpu.Measuring;

/// <summary>
/// What a call costs beside the kernel: arrays of 1,000 elements that stay on the device, so that the device has next to nothing to do. Through the actors, and without them for
/// the difference.
/// </summary>
internal sealed class CallCosts(FuserSystem fuser, string device, int rounds, double milliseconds)
{
    public const int Elements = 1000;
    public const int ColdOperations = 30;
    public const string Workload = "W1";
    private const int Callers = 16;
    private const int ColdRounds = 5;

    /// <summary>.NET compiles hot code a second time after about a tenth of a second.</summary>
    private const double WarmUpSeconds = 0.7;

    private static readonly RunOptions s_options = new() { AllowInexact = true };

    /// <summary>From a graph that was never seen to its result on the device, in milliseconds: the first of this process, and those after it.</summary>
    public async Task<List<CallCost>> ColdAsync(CancellationToken cancellationToken)
    {
        using var x = await UploadAsync(new float[16]);
        using var y = await UploadAsync(new float[16]);
        var times = new List<double>();
        for (var number = 0; number <= ColdRounds; number++)
        {
            var start = Stopwatch.GetTimestamp();
            var function = await fuser.RegisterAsync(GraphText.Parse(Graphs.Chain(ColdOperations, number), limits: null, cancellationToken), cancellationToken);
            var results = await function.RunOnDeviceAsync(new FuserValue[] { x, y }, s_options, cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            Release(results);
        }

        return
        [
            new CallCost($"first of the process: text of {ColdOperations} operations to result", Peers.PeerNames.Fuser, "ms", Summary.Of(times.Take(1)), null),
            new CallCost(ColdTitle, Peers.PeerNames.Fuser, "ms", Summary.Of(times.Skip(1)), null),
        ];
    }

    public static string ColdTitle => $"text of {ColdOperations} operations never seen to result";

    public static string LatencyTitle => $"call on {Elements} resident elements, waited for";

    public static string BareLatencyTitle => "the same without actors, waited for";

    public static string RateTitle => $"call on {Elements} resident elements, many under way";

    public async Task<List<CallCost>> WarmAsync(CancellationToken cancellationToken)
    {
        var workload = WorkloadCatalogue.Find(Workload).Single();
        var arrays = workload.Arrays(Elements);
        var tensors = new List<DeviceTensor>();
        try
        {
            foreach (var input in HostArrays.Inputs(arrays))
            {
                tensors.Add(await UploadAsync(input));
            }

            var function = await fuser.RegisterAsync(GraphText.Parse(Bundle.Text($"graphs/{workload.Id}.ir"), limits: null, cancellationToken), cancellationToken);
            FuserValue[] inputs = [.. tensors.Select(tensor => tensor.ToFuserValue())];
            await CallersAsync(function, inputs, 1, WarmUpSeconds);
            var (one, many, bare, kernel) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
            using var resident = ResidentWorkload.Create(fuser, device, workload, arrays);
            resident.Measure(milliseconds);
            for (var round = 0; round < rounds; round++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                one.Add(await CallersAsync(function, inputs, 1, milliseconds / 1000));
                many.Add(await CallersAsync(function, inputs, Callers, milliseconds / 1000));
                bare.Add(Bare(resident));
                kernel.Add(resident.Measure(milliseconds).Nanoseconds);
            }

            return
            [
                Microseconds(LatencyTitle, one),
                Microseconds(BareLatencyTitle, bare),
                Microseconds($"{RateTitle}: {Callers} callers", many),
                Microseconds("kernel after kernel without actors, by the device's clock", kernel),
            ];
        }
        finally
        {
            tensors.ForEach(tensor => tensor.Dispose());
        }

        static CallCost Microseconds(string what, List<double> nanoseconds) => new(what, Peers.PeerNames.Fuser, "us", Summary.Of(nanoseconds).DividedBy(1e3), null);
    }

    /// <summary>Nanoseconds a call, of so many callers that each wait for their own.</summary>
    private static async Task<double> CallersAsync(FusedFunction function, FuserValue[] inputs, int callers, double seconds)
    {
        var start = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            long calls = 0;
            do
            {
                Release(await function.RunOnDeviceAsync(inputs, s_options).ConfigureAwait(false));
                calls++;
            }
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds);
            return calls;
        }));
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / counts.Sum();
    }

    private double Bare(ResidentWorkload resident)
    {
        var start = Stopwatch.GetTimestamp();
        long calls = 0;
        do
        {
            resident.RunOnce();
            calls++;
        }
        while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < milliseconds);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / calls;
    }

    private ValueTask<DeviceTensor> UploadAsync(NdArray array) => fuser.UploadAsync(array, device);

    private ValueTask<DeviceTensor> UploadAsync(float[] array) => UploadAsync(NdArray.From(array));

    private static void Release(IEnumerable<DeviceTensor> tensors)
    {
        foreach (var tensor in tensors)
        {
            tensor.Dispose();
        }
    }
}
