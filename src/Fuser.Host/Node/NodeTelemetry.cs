using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Fuser.Host.Node;

/// <summary>Meter and activity source <c>fuser.node</c>: what a node takes on, how long it waits and runs.</summary>
internal sealed class NodeTelemetry : IDisposable
{
    internal const string Name = "fuser.node";

    private static readonly ActivitySource Source = new(Name);

    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _waitTime;
    private readonly Histogram<double> _runTime;
    private long _done;
    private long _failed;
    private long _refused;

    public NodeTelemetry(string node, WorkGate gate, GraphRegistry graphs)
    {
        _meter = new Meter(new MeterOptions(Name) { Tags = [new("fuser.node", node)] });
        double[] bounds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
        var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds };
        _requests = _meter.CreateCounter<long>("fuser.node.requests", "{request}", "Requests for work, by how they ended");
        _waitTime = _meter.CreateHistogram("fuser.node.wait.duration", "s", "Time requests waited for their turn", advice: advice);
        _runTime = _meter.CreateHistogram("fuser.node.run.duration", "s", "Time graphs ran, compiling included", advice: advice);
        _meter.CreateObservableUpDownCounter("fuser.node.requests.open", () => gate.Open, "{request}", "Requests in hand");
        _meter.CreateObservableUpDownCounter("fuser.node.requests.receiving", () => gate.Receiving.Count, "{request}", "Requests whose bodies are being received");
        _meter.CreateObservableUpDownCounter("fuser.node.requests.running", () => gate.Running, "{request}", "Requests that compute");
        _meter.CreateObservableUpDownCounter("fuser.node.requests.waiting", () => gate.Waiting, "{request}", "Requests that wait for their turn");
        _meter.CreateObservableUpDownCounter("fuser.node.memory.used", () => gate.Memory.Used, "By", "Memory promised to arrays of requests");
        _meter.CreateObservableUpDownCounter("fuser.node.memory.limit", () => gate.Memory.Limit, "By", "Memory that may be promised");
        _meter.CreateObservableUpDownCounter("fuser.node.graphs.count", () => graphs.Count, "{graph}", "Graphs held");
        _meter.CreateObservableCounter("fuser.node.graphs.evicted", () => graphs.Evicted, "{graph}", "Graphs dropped to stay within the limits");
    }

    /// <summary>Requests for work that were done, failed, or were turned away.</summary>
    public (long Done, long Failed, long Refused) Requests => (Interlocked.Read(ref _done), Interlocked.Read(ref _failed), Interlocked.Read(ref _refused));

    /// <summary>A step of a request; null, and no cost, when nobody listens.</summary>
    public static Activity? Start(string step) => Source.StartActivity(step);

    public void Done()
    {
        Interlocked.Increment(ref _done);
        _requests.Add(1, new KeyValuePair<string, object?>("outcome", "done"));
    }

    /// <param name="code">Code of the error.</param>
    public void Failed(string code)
    {
        Interlocked.Increment(ref _failed);
        _requests.Add(1, new("outcome", "failed"), new("code", code));
    }

    /// <param name="code">Why: busy or draining.</param>
    public void Refused(string code)
    {
        Interlocked.Increment(ref _refused);
        _requests.Add(1, new("outcome", "refused"), new("code", code));
    }

    public void Waited(TimeSpan time) => _waitTime.Record(time.TotalSeconds);

    public void Ran(TimeSpan time) => _runTime.Record(time.TotalSeconds);

    public void Dispose() => _meter.Dispose();
}
