using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Tests.Fusion;

public sealed class TelemetryTests
{
    [Fact]
    public async Task The_meter_counts_specs_compiles_evictions_and_runs_by_kind()
    {
        var seen = new ConcurrentDictionary<string, double>();
        var durations = new ConcurrentBag<double>();
        await using var fuser = new FuserSystem(Systems.Options(options => options.MaxSpecs = 2), compiler: () => new ScriptedCompiler(compile =>
            compile.Spec.Text.Contains("9.5") ? new CompileException(ErrorCodes.CompileFailed, "no") : ScriptedCompiler.Real(compile)));
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (ReferenceEquals(instrument.Meter, fuser.Telemetry.Meter))
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => seen[tags.IsEmpty ? instrument.Name : $"{instrument.Name} {tags[0].Value}"] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => durations.Add(value));
        listener.Start();

        await fuser.RunScaled(1);
        await fuser.RunScaled(1);
        await fuser.RunScaled(2);
        await fuser.RunScaled(3);
        await fuser.RunScaled(9);
        await fuser.GetStatisticsAsync(); // what was told to the cache before has arrived
        listener.RecordObservableInstruments();

        fuser.Telemetry.Meter.Name.ShouldBe("fuser.kernels");
        (seen["fuser.specs.created"], seen["fuser.specs.evicted"], seen["fuser.specs.count"]).ShouldBe((4, 2, 2));
        (seen["fuser.kernels.compiled"], seen["fuser.kernels.failed"], seen["fuser.kernels.evicted"], seen["fuser.kernels.count"]).ShouldBe((3, 1, 2, 1));
        seen["fuser.kernels.code"].ShouldBe((await fuser.Statistics()).CodeBytes);
        (seen["fuser.runs fused"], seen["fuser.runs fallback"]).ShouldBe((4, 1));
        (durations.Count, durations.All(seconds => seconds is > 0 and < 30)).ShouldBe((3, true));
    }

    [Fact]
    public async Task A_run_that_compiles_is_traced_step_by_step_and_a_warm_one_is_not()
    {
        var stopped = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Fuser",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = stopped.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await using var fuser = new FuserSystem(Systems.Options());
        var function = await fuser.RegisterAsync(Graphs.Scale(77));
        FuserValue[] inputs = [NdArray.From(Graphs.Data)];

        // Other tests run beside this one and are seen too: only what is under this root counts.
        using var root = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        await function.RunAsync(inputs);
        var cold = Own();
        cold.Select(activity => activity.OperationName).Order().ShouldBe(["compile", "launch", "resolve", "run"]);
        var run = cold.Single(activity => activity.OperationName == "run");
        run.ParentSpanId.ShouldBe(root.SpanId);
        run.GetTagItem("fuser.graph").ShouldBe(function.Key);
        cold.Where(activity => activity.OperationName is "resolve" or "launch").ShouldAllBe(activity => activity.ParentSpanId == run.SpanId);
        cold.Single(activity => activity.OperationName == "compile").GetTagItem("fuser.spec").ShouldNotBeNull();

        await function.RunAsync(inputs);
        Own().Count.ShouldBe(4);

        List<Activity> Own() => [.. stopped.Where(activity => activity.TraceId == root.TraceId)];
    }
}
