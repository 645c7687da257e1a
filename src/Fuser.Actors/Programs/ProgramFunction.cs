using System.Collections.Immutable;
using System.Diagnostics;
using Fuser.Actors.Devices;
using Fuser.Kernels.Programs;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors.Programs;

/// <summary>
/// Runs a graph with control flow: the program is interpreted where the caller is, and each of its regions is a function like any other, with its
/// plans, its kernels in the cache, its device and its fallback.
/// </summary>
internal sealed class ProgramFunction(FuserRuntime runtime, GraphProgram program)
{
    private readonly bool _isRandom = program.Regions.Any(region => region.IsRandom);

    /// <param name="outputs">Arrays to write, or default for new ones.</param>
    /// <param name="report">Learns what ran, when somebody asked.</param>
    public async ValueTask<ProgramResult> RunAsync(ReadOnlyMemory<FuserValue> inputs, ImmutableArray<NdArray> outputs, RunOptions options, ProgramReport? report, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var activity = FuserTelemetry.Start("run")?.SetTag("fuser.graph", program.Graph.Key.ToString());
        var device = runtime.DeviceOf(options, inputs.Span); // a name that does not exist is an error, whatever runs
        runtime.CountRun();
        if (device.Device.Accelerator is not null)
        {
            // The program reads elements where it is interpreted; its regions then run where the inputs were, or were sent.
            inputs = (await runtime.OnHostAsync(device, ImmutableArray.Create(inputs.Span), cancellationToken).ConfigureAwait(false)).AsMemory();
            options = options with { Device = device.Device.Name };
        }

        var runner = new RegionRunner(runtime, options, report, cancellationToken);
        try
        {
            var memory = new ProgramMemory(options.Expect);
            var results = await ProgramRun.RunAsync(program, inputs, runner, memory, SeedOf(options)).ConfigureAwait(false);
            return new ProgramResult(outputs.IsDefault
                ? await ProgramOutputs.AllocateAsync(program, results, runner, memory).ConfigureAwait(false)
                : await CopyAsync(results, outputs, runner).ConfigureAwait(false));
        }
        finally
        {
            if (options.Unfused || runner.FellBack)
            {
                runtime.CountFallback();
            }
        }
    }

    public async ValueTask<RunReport> RunWithReportAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions options, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var report = new ProgramReport();
        var result = await RunAsync(inputs, default, options, report, cancellationToken).ConfigureAwait(false);
        return report.Build(result.Outputs, options.Unfused, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>Runs on this thread as long as every kernel it meets is ready.</summary>
    public bool TryRun(ReadOnlySpan<FuserValue> inputs, ReadOnlySpan<NdArray> outputs)
    {
        if (!runtime.DeviceOf(null, inputs).Device.RunsOnCaller)
        {
            return false;
        }

        var run = RunNowAsync(inputs.ToArray(), outputs.ToArray());
        return run.IsCompleted
            ? run.GetAwaiter().GetResult()
            : throw new Kernels.InternalFuserException(Kernels.ErrorCodes.Internal, "a runner that never waits left a run unfinished");
    }

    /// <summary>What a run with such inputs plans, as far as it can be known without running.</summary>
    public ForecastPlans Forecast(ReadOnlySpan<FuserValue> inputs, Device device, CancellationToken cancellationToken)
    {
        var plans = new Dictionary<Region, List<PreparedRun>>();
        var inputsOf = new Dictionary<PreparedRun, FuserValue[]>(ReferenceEqualityComparer.Instance);
        var unplanned = ProgramForecast.Run(program, inputs, (region, values) =>
        {
            var prepared = RegionRunner.FunctionOf(runtime, region).Prepare(values, device, cancellationToken);
            if (!plans.TryGetValue(region.Region, out var known))
            {
                plans.Add(region.Region, known = []);
            }

            if (!known.Contains(prepared))
            {
                known.Add(prepared);
                inputsOf.Add(prepared, values.ToArray());
            }

            return prepared.Runner.Plan;
        });
        return new ForecastPlans(program, plans, inputsOf, unplanned);
    }

    public async ValueTask<Explanation> ExplainAsync(ReadOnlyMemory<FuserValue> inputs, Device device, CancellationToken cancellationToken)
    {
        var forecast = Forecast(inputs.Span, device, cancellationToken);
        var groups = ImmutableArray.CreateBuilder<GroupExplanation>();
        var notFused = ImmutableArray.CreateBuilder<FallbackReport>();
        var explained = new Dictionary<PreparedRun, PreparedRun>(ReferenceEqualityComparer.Instance);
        foreach (var prepared in forecast.Prepared)
        {
            explained[prepared] = await runtime.ExplainGroupsAsync(prepared, groups, notFused, cancellationToken).ConfigureAwait(false);
        }

        notFused.AddRange(forecast.Unplanned.OrderBy(known => known.Key.Number).Select(known => new FallbackReport($"region {known.Key.Number}", $"planned when a run comes to it: {known.Value}")));
        return new Explanation(program.Graph.Key.ToString(), program.Graph.Text, ProgramText.Of(program, forecast.Describe), groups.ToImmutable(), notFused.ToImmutable())
        {
            Plans = [.. forecast.Plans.OrderBy(known => known.Key.Number).SelectMany(known => known.Value.Select(prepared =>
                PlanExplanations.Compare($"region {known.Key.Number}", explained[prepared], forecast.InputsOf[prepared], cancellationToken)))],
        };
    }

    private async ValueTask<bool> RunNowAsync(FuserValue[] inputs, NdArray[] outputs)
    {
        var runner = new RegionRunner(runtime, RunOptions.Default, report: null, CancellationToken.None) { NeverWaits = true };
        try
        {
            var results = await ProgramRun.RunAsync(program, inputs, runner, new ProgramMemory(), SeedOf(RunOptions.Default)).ConfigureAwait(false);
            await CopyAsync(results, [.. outputs], runner).ConfigureAwait(false);
        }
        catch (RegionNotReadyException)
        {
            return false;
        }

        runtime.CountRun();
        return true;
    }

    private async ValueTask<ImmutableArray<NdArray>> CopyAsync(ImmutableArray<ProgramValue> results, ImmutableArray<NdArray> outputs, RegionRunner runner)
    {
        var graph = program.Copies(results.Length).For(results.AsSpan());
        await runner.RunAsync(graph, graph.Flatten(results.AsSpan()), outputs).ConfigureAwait(false);
        return outputs;
    }

    private long SeedOf(RunOptions options) => options.Seed ?? (_isRandom ? runtime.NextSeed() : 0);
}

/// <summary>What a run of a program gave.</summary>
internal readonly record struct ProgramResult(ImmutableArray<NdArray> Outputs);
