using System.Collections.Immutable;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Fuser.Actors.Caching;
using Fuser.Actors.Devices;
using Fuser.Actors.Programs;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Operations;
using Fuser.Kernels.Partitioning;
using Fuser.Kernels.Programs;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors;

/// <summary>A function of this process. The first run with new types compiles; others find the kernels without asking an actor.</summary>
internal sealed class LocalFunction : FusedFunction
{
    /// <summary>Plans remembered: a function that is called with more signatures than this in turn plans anew, which costs microseconds and compiles nothing.</summary>
    private const int MaxPlans = 16;

    [ThreadStatic]
    private static LeasedKernels? _leased;

    private readonly FuserRuntime _runtime;
    private readonly bool _isRandom;
    private readonly bool _isRegion;
    private readonly ProgramFunction? _program;
    private PreparedRun[] _plans = [];
    private DeviceChoice[] _choices = [];

    public LocalFunction(FuserRuntime runtime, Graph graph, NormalisedGraph normalised)
        : this(runtime, graph, normalised, isRegion: false) => _program = GraphProgram.Of(normalised) is { } program ? new ProgramFunction(runtime, program) : null;

    /// <param name="isRegion">Whether it is a part of another function, whose runs count and its own do not.</param>
    public LocalFunction(FuserRuntime runtime, Graph graph, NormalisedGraph normalised, bool isRegion)
        : base(graph, normalised)
    {
        _runtime = runtime;
        _isRegion = isRegion;
        _isRandom = normalised.Graph.Nodes.Any(node => OperationCatalogue.Find(node.Kind) is { IsRandom: true });
    }

    public override async ValueTask<ImmutableArray<NdArray>> RunAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_runtime.IsLeftOpen(options, inputs.Span))
        {
            return await RunAnywhereAsync(inputs, options, cancellationToken).ConfigureAwait(false);
        }

        if (_program is not null)
        {
            return (await _program.RunAsync(inputs, default, options ?? RunOptions.Default, report: null, cancellationToken).ConfigureAwait(false)).Outputs;
        }

        if (TryRunNow(inputs.Span, default, allocate: true, options, out var outputs))
        {
            return outputs;
        }

        return (await RunSlowlyAsync(inputs, default, options ?? RunOptions.Default, cancellationToken).ConfigureAwait(false)).Outputs;
    }

    public override ValueTask RunAsync(ReadOnlyMemory<FuserValue> inputs, ReadOnlyMemory<NdArray> outputs, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        try
        {
            return _runtime.IsLeftOpen(options, inputs.Span) ? new ValueTask(RunAnywhereAsync(inputs, outputs, options, cancellationToken))
                : _program is not null ? WaitForProgram(_program.RunAsync(inputs, [.. outputs.Span], options ?? RunOptions.Default, report: null, cancellationToken))
                : TryRunNow(inputs.Span, outputs.Span, allocate: false, options, out _)
                ? ValueTask.CompletedTask
                : Wait(RunSlowlyAsync(inputs, [.. outputs.Span], options ?? RunOptions.Default, cancellationToken));
        }
        catch (Kernels.FuserException error)
        {
            return ValueTask.FromException(error); // errors come with the task, whether the kernels were ready or not
        }

        static async ValueTask Wait(Task<RunReport> run) => await run.ConfigureAwait(false);

        static async ValueTask WaitForProgram(ValueTask<ProgramResult> run) => await run.ConfigureAwait(false);
    }

    public override bool TryRun(ReadOnlySpan<FuserValue> inputs, ReadOnlySpan<NdArray> outputs) => _program is not null
        ? _program.TryRun(inputs, outputs)
        : TryRunNow(inputs, outputs, allocate: false, null, out _);

    public override async ValueTask<RunReport> RunWithReportAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default) => _runtime.IsLeftOpen(options, inputs.Span)
        ? await ReportAnywhereAsync(inputs, options, cancellationToken).ConfigureAwait(false)
        : _program is not null
        ? await _program.RunWithReportAsync(inputs, options ?? RunOptions.Default, cancellationToken).ConfigureAwait(false)
        : await RunSlowlyAsync(inputs, default, options ?? RunOptions.Default, cancellationToken).ConfigureAwait(false);

    // Methods of their own, so that runs whose device is known make none of the closures.
    private Task<ImmutableArray<NdArray>> RunAnywhereAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options, CancellationToken cancellationToken) =>
        RunWhereCheapestAsync(inputs, chosen => RunAsync(inputs, chosen, cancellationToken), options, mayTryAgain: true);

    private Task<RunReport> ReportAnywhereAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options, CancellationToken cancellationToken) =>
        RunWhereCheapestAsync(inputs, chosen => RunWithReportAsync(inputs, chosen, cancellationToken), options, mayTryAgain: true);

    private Task RunAnywhereAsync(ReadOnlyMemory<FuserValue> inputs, ReadOnlyMemory<NdArray> outputs, RunOptions? options, CancellationToken cancellationToken)
    {
        return RunWhereCheapestAsync(inputs, RunIntoAsync, options, mayTryAgain: false);

        async ValueTask<bool> RunIntoAsync(RunOptions chosen)
        {
            await RunAsync(inputs, outputs, chosen, cancellationToken).ConfigureAwait(false);
            return true;
        }
    }

    /// <param name="mayTryAgain">A run that fails for the device's sake is done again elsewhere. Not where it writes into the caller's arrays: they may be inputs as well.</param>
    private async Task<T> RunWhereCheapestAsync<T>(ReadOnlyMemory<FuserValue> inputs, Func<RunOptions, ValueTask<T>> run, RunOptions? options, bool mayTryAgain)
    {
        var candidates = _runtime.Candidates;
        var choice = ChoiceOf(inputs.Span, candidates.Length);
        while (true)
        {
            var device = choice.Next();
            var started = Stopwatch.GetTimestamp();
            try
            {
                var result = await run((options ?? RunOptions.Default) with { Device = candidates[device].Device.Name }).ConfigureAwait(false);
                choice.Record(device, Stopwatch.GetElapsedTime(started));
                return result;
            }
            catch (Kernels.LaunchException error) when (IsOfDevice(error.Code) && choice.Exclude(device) && mayTryAgain)
            {
                // The next choice is another device; the host is the last.
            }
        }
    }

    /// <summary>Whether a run may succeed on another device.</summary>
    private static bool IsOfDevice(string code) =>
        code is Kernels.ErrorCodes.DeviceUnavailable or Kernels.ErrorCodes.OutOfDeviceMemory or Kernels.ErrorCodes.DeviceLost or Kernels.ErrorCodes.DeviceInexact;

    private DeviceChoice ChoiceOf(ReadOnlySpan<FuserValue> inputs, int count)
    {
        foreach (var known in Volatile.Read(ref _choices))
        {
            if (known.Matches(inputs))
            {
                return known;
            }
        }

        var choice = new DeviceChoice(Signature.Of(inputs, static _ => false), count);
        Volatile.Write(ref _choices, [choice, .. _choices.Take(MaxPlans - 1)]);
        return choice;
    }

    public override async ValueTask WarmUpAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        var device = _runtime.DeviceOf(options, inputs.Span);
        PreparedRun[] plans = _program is not null ? [.. _program.Forecast(inputs.Span, device.Device, cancellationToken).Prepared] : [Prepare(inputs.Span, device.Device, cancellationToken)];
        await _runtime.AdmitAsync(device, options, cancellationToken).ConfigureAwait(false);
        foreach (var prepared in plans)
        {
            await WarmUpAsync(prepared, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask WarmUpAsync(PreparedRun prepared, CancellationToken cancellationToken)
    {
        var kernels = await _runtime.ResolveAsync(prepared, cancellationToken).ConfigureAwait(false);
        if (kernels.Unavailable is { } unavailable)
        {
            throw new Kernels.CompileException(unavailable.Code, unavailable.Reason);
        }
    }

    public override async ValueTask<ImmutableArray<DeviceTensor>> RunOnDeviceAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var device = _runtime.DeviceOf(options, inputs.Span);
        if (device.Device.Accelerator is null)
        {
            throw new Kernels.InputException(Kernels.ErrorCodes.UnknownDevice, $"device {device.Device.Name} has no memory of its own to leave results in; use RunAsync, or name an accelerator");
        }

        // What the device cannot compute, and control flow, is computed on the host, and goes back.
        if (_program is not null || options is { Unfused: true })
        {
            return await UploadAsync(device, (await RunWithReportAsync(inputs, options, cancellationToken).ConfigureAwait(false)).Outputs, cancellationToken).ConfigureAwait(false);
        }

        var prepared = Prepare(inputs.Span, device.Device, cancellationToken);
        await _runtime.AdmitAsync(device, options, cancellationToken).ConfigureAwait(false);
        var kernels = await _runtime.ResolveAsync(prepared, cancellationToken).ConfigureAwait(false);
        if (kernels.Unavailable is not null)
        {
            return await UploadAsync(device, (await RunWithReportAsync(inputs, options, cancellationToken).ConfigureAwait(false)).Outputs, cancellationToken).ConfigureAwait(false);
        }

        CountRun();
        var call = new RunCall(ImmutableArray.Create(inputs.Span), default, options?.Seed ?? NextSeed(), options?.Threads ?? _runtime.Options.Threads);
        return await _runtime.RunResidentAsync(device, kernels, call, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ImmutableArray<DeviceTensor>> UploadAsync(DeviceEntry device, ImmutableArray<NdArray> arrays, CancellationToken cancellationToken)
    {
        var tensors = ImmutableArray.CreateBuilder<DeviceTensor>(arrays.Length);
        foreach (var array in arrays)
        {
            tensors.Add(await _runtime.UploadAsync(device, array, cancellationToken).ConfigureAwait(false));
        }

        return tensors.MoveToImmutable();
    }

    public override async ValueTask<Explanation> ExplainAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        var device = _runtime.DeviceOf(options, inputs.Span).Device;
        if (_program is not null)
        {
            return await _program.ExplainAsync(inputs, device, cancellationToken).ConfigureAwait(false);
        }

        var prepared = Prepare(inputs.Span, device, cancellationToken);
        return await _runtime.ExplainAsync(Normalised, prepared, inputs, cancellationToken).ConfigureAwait(false);
    }

    public override bool WouldCompile(ReadOnlySpan<FuserValue> inputs)
    {
        if (_program is not null)
        {
            var forecast = _program.Forecast(inputs, _runtime.DeviceOf(null, inputs).Device, CancellationToken.None);
            return forecast.Unplanned.Count > 0 || forecast.Prepared.Any(WouldCompile);
        }

        return WouldCompile(Prepare(inputs, _runtime.DeviceOf(null, inputs).Device, CancellationToken.None));
    }

    private static bool WouldCompile(PreparedRun prepared)
    {
        for (var i = 0; i < prepared.Specialisations.Length; i++)
        {
            if (!prepared.IsReady(i))
            {
                return true;
            }
        }

        return false;
    }

    internal override long RunBytes(ReadOnlySpan<FuserValue> inputs, RunOptions? options, CancellationToken cancellationToken) => (_program, options) switch
    {
        ({ } program, _) => ForeseenBytes(program, inputs, _runtime.DeviceOf(options, inputs).Device, cancellationToken),
        (_, { Unfused: true }) => Partitioner.Plan(Normalised, inputs, FusionMode.Unfused, cancellationToken).RunBytes,
        _ => Prepare(inputs, _runtime.DeviceOf(options, inputs).Device, cancellationToken).Runner.Plan.RunBytes,
    };

    private static long ForeseenBytes(ProgramFunction program, ReadOnlySpan<FuserValue> inputs, Device device, CancellationToken cancellationToken)
    {
        try
        {
            return program.Forecast(inputs, device, cancellationToken).Prepared.Aggregate(0L, (sum, prepared) => MemorySizes.Sum(sum, prepared.Runner.Plan.RunBytes));
        }
        catch (Kernels.FuserException)
        {
            return 0; // the run fails too, and where it stops is for it to tell
        }
    }

    /// <summary>Runs on this thread into arrays of a program's, if every kernel is ready.</summary>
    internal bool TryRunNow(ReadOnlySpan<FuserValue> inputs, ProgramMemory memory, RunOptions options, out ImmutableArray<NdArray> results)
    {
        results = default;
        if (FindPlan(_runtime.DeviceOf(options, inputs).Device, inputs) is not { } prepared)
        {
            return false;
        }

        var outputs = memory.Take(prepared.Runner.Plan.Outputs);
        results = ImmutableCollectionsMarshal.AsImmutableArray(outputs);
        return TryRunNow(inputs, outputs, allocate: false, options, out _);
    }

    internal bool TryRunNow(ReadOnlySpan<FuserValue> inputs, ReadOnlySpan<NdArray> outputs, bool allocate, RunOptions? options, out ImmutableArray<NdArray> results)
    {
        results = default;
        var device = _runtime.DeviceOf(options, inputs).Device;
        if (options is { Unfused: true } || _runtime.HasEnded || !device.RunsOnCaller || FindPlan(device, inputs) is not { } prepared)
        {
            return false;
        }

        var leased = _leased;
        if (!prepared.TryAcquire(ref leased))
        {
            _leased = leased;
            return false;
        }

        _leased = leased;
        try
        {
            CountRun();
            var threads = options?.Threads ?? _runtime.Options.Threads;
            var seed = options?.Seed ?? NextSeed();
            if (allocate)
            {
                results = prepared.Runner.Run(inputs, leased.Kernels, seed, threads);
            }
            else
            {
                prepared.Runner.Run(inputs, outputs, leased.Kernels, seed, threads);
            }

            return true;
        }
        finally
        {
            leased.Release();
        }
    }

    internal async Task<RunReport> RunSlowlyAsync(ReadOnlyMemory<FuserValue> inputs, ImmutableArray<NdArray> outputs, RunOptions options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var activity = FuserTelemetry.Start(_isRegion ? "region" : "run")?.SetTag("fuser.graph", Key);
        var start = Stopwatch.GetTimestamp();

        // The fallback needs no device, but a name that does not exist is an error there too.
        var device = _runtime.DeviceOf(options, inputs.Span);
        CountRun();
        var call = new RunCall(ImmutableArray.Create(inputs.Span), outputs, options.Seed ?? NextSeed(), options.Threads ?? _runtime.Options.Threads);
        if (options.Unfused)
        {
            return await RunUnfusedAsync("asked for with Unfused").ConfigureAwait(false);
        }

        var prepared = Prepare(inputs.Span, device.Device, cancellationToken);
        await _runtime.AdmitAsync(device, options, cancellationToken).ConfigureAwait(false);
        var kernels = await _runtime.ResolveAsync(prepared, cancellationToken).ConfigureAwait(false);
        return kernels.Unavailable is { } unavailable
            ? await RunUnfusedAsync(unavailable.Reason).ConfigureAwait(false)
            : await _runtime.RunFusedAsync(device, kernels, call, start, cancellationToken).ConfigureAwait(false);

        async Task<RunReport> RunUnfusedAsync(string reason)
        {
            CountFallback();
            var local = device.Device.Accelerator is null ? call : call with { Inputs = await _runtime.OnHostAsync(device, call.Inputs, cancellationToken).ConfigureAwait(false) };
            return await _runtime.RunUnfusedAsync(Normalised, local, reason, start, cancellationToken).ConfigureAwait(false);
        }
    }

    private void CountRun()
    {
        if (!_isRegion)
        {
            _runtime.CountRun();
        }
    }

    private void CountFallback()
    {
        if (!_isRegion)
        {
            _runtime.CountFallback();
        }
    }

    /// <summary>Runs without random operations leave the sequence of seeds, and the memory that all threads share for it, alone.</summary>
    private long NextSeed() => _isRandom ? _runtime.NextSeed() : 0;

    private PreparedRun? FindPlan(Device device, ReadOnlySpan<FuserValue> inputs)
    {
        foreach (var plan in Volatile.Read(ref _plans))
        {
            if (plan.Fits(device, inputs))
            {
                plan.Touch();
                return plan.Current;
            }
        }

        return null;
    }

    /// <exception cref="OperationCanceledException">The caller gave up while the plan was made.</exception>
    internal PreparedRun Prepare(ReadOnlySpan<FuserValue> inputs, Device device, CancellationToken cancellationToken)
    {
        if (FindPlan(device, inputs) is { } known)
        {
            return known;
        }

        var prepared = new PreparedRun(device, Partitioner.Plan(Normalised, inputs, FusionMode.Fused, cancellationToken), cancellationToken);

        // Newest first, so that the plan in use is found at once; remembered before it is counted, so that whatever is counted can be forgotten.
        foreach (var forgotten in Replace(plans => [prepared, .. plans.Take(MaxPlans - 1)]).Skip(MaxPlans - 1))
        {
            _runtime.Plans.Remove(forgotten);
        }

        if (!_runtime.Plans.TryAdd(prepared, this))
        {
            Forget(prepared);
        }

        return prepared;
    }

    /// <summary>Drops a plan to make room for others; runs that have it go on.</summary>
    internal void Forget(PreparedRun forgotten) => Replace(plans => [.. plans.Where(plan => plan != forgotten)]);

    /// <returns>What was there before.</returns>
    private PreparedRun[] Replace(Func<PreparedRun[], PreparedRun[]> change)
    {
        while (true)
        {
            var known = Volatile.Read(ref _plans);
            if (Interlocked.CompareExchange(ref _plans, change(known), known) == known)
            {
                return known;
            }
        }
    }
}

/// <summary>What one call brings along.</summary>
internal sealed record RunCall(ImmutableArray<FuserValue> Inputs, ImmutableArray<NdArray> Outputs, long Seed, int Threads);
