using System.Diagnostics;
using System.Diagnostics.Metrics;
using Fuser.Actors.Caching;
using Fuser.Kernels.Specs;

namespace Fuser.Actors;

/// <summary>
/// Meter <c>fuser.kernels</c> and activity source <c>Fuser</c>. Counters and gauges are observed where they are kept, so that counting costs a
/// run nothing; only compiles record as they happen. Runs of ready kernels are too short to be traced: activities are of runs that had to find or compile a kernel, or that asked for a report.
/// </summary>
internal sealed class FuserTelemetry : IDisposable
{
    internal const string MeterName = "fuser.kernels";
    internal const string SourceName = "Fuser";

    private static readonly ActivitySource Source = new(SourceName);

    private readonly Histogram<double> _compileTime;

    public FuserTelemetry(string system)
    {
        var counters = Cache;
        Meter = new Meter(new MeterOptions(MeterName) { Tags = [new("fuser.system", system)] });
        Meter.CreateObservableCounter("fuser.specs.created", () => counters.Snapshot.SpecsCreated, "{spec}", "Kernel specs created");
        Meter.CreateObservableCounter("fuser.specs.evicted", () => counters.Snapshot.SpecsEvicted, "{spec}", "Kernel specs dropped to stay within the limit");
        Meter.CreateObservableUpDownCounter("fuser.specs.count", () => counters.Snapshot.Specs, "{spec}", "Kernel specs held");
        Meter.CreateObservableCounter("fuser.kernels.compiled", () => counters.Snapshot.KernelsCompiled, "{kernel}", "Compiles that succeeded");
        Meter.CreateObservableCounter("fuser.kernels.failed", () => counters.Snapshot.CompilesFailed, "{kernel}", "Compiles that failed");
        Meter.CreateObservableCounter("fuser.kernels.evicted", () => counters.Snapshot.KernelsEvicted, "{kernel}", "Compiled kernels that are no longer held");
        Meter.CreateObservableUpDownCounter("fuser.kernels.count", () => counters.Snapshot.Kernels, "{kernel}", "Compiled kernels held");
        Meter.CreateObservableUpDownCounter("fuser.kernels.code", () => counters.Snapshot.CodeBytes, "By", "Estimated memory of the compiled kernels held");
        Meter.CreateObservableCounter("fuser.runs", RunsByKind, "{run}", "Runs of functions, by kind");
        Meter.CreateObservableUpDownCounter("fuser.devices.tensors", () => DeviceTensors.Value, "{tensor}", "Tensors held on devices");
        Meter.CreateObservableCounter("fuser.devices.tensors.leaked", () => LeakedTensors.Value, "{tensor}", "Tensors on devices that were collected without being disposed");
        _compileTime = Meter.CreateHistogram<double>("fuser.kernels.compile.duration", "s", "Time a compile took", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5] });
    }

    internal Meter Meter { get; }

    /// <summary>What the cache holds and has done.</summary>
    public CacheCounters Cache { get; } = new();

    /// <summary>Runs of functions.</summary>
    public StripedCounter Runs { get; } = new();

    /// <summary>Those of <see cref="Runs"/> that went to the fallback.</summary>
    public StripedCounter FallbackRuns { get; } = new();

    /// <summary>Tensors on devices now.</summary>
    public StripedCounter DeviceTensors { get; } = new();

    /// <summary>Tensors on devices that were collected without being disposed.</summary>
    public StripedCounter LeakedTensors { get; } = new();

    public void Compiled(TimeSpan time) => _compileTime.Record(time.TotalSeconds);

    /// <summary>A step of a run; null, and no cost, when nobody listens.</summary>
    public static Activity? Start(string step) => Source.StartActivity(step);

    /// <summary>A compile, under the run that caused it.</summary>
    public static Activity? StartCompile(KernelSpec spec) => Source.StartActivity("compile")?.SetTag("fuser.spec", spec.Key.ToString());

    public void Dispose() => Meter.Dispose();

    private IEnumerable<Measurement<long>> RunsByKind()
    {
        var fallback = FallbackRuns.Value; // first: each was counted as a run before
        return
        [
            new(Runs.Value - fallback, new KeyValuePair<string, object?>("kind", "fused")),
            new(fallback, new KeyValuePair<string, object?>("kind", "fallback")),
        ];
    }
}
