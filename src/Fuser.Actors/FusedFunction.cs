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

/// <summary>
/// A registered graph, ready to be run with any shapes and types, from any number of threads. The first run with new types compiles;
/// others find the kernels without asking an actor.
/// </summary>
public sealed class FusedFunction
{
    /// <summary>Plans remembered: a function that is called with more signatures than this in turn plans anew, which costs microseconds and compiles nothing.</summary>
    private const int MaxPlans = 16;

    [ThreadStatic]
    private static LeasedKernels? _leased;

    private readonly FuserRuntime _runtime;
    private readonly NormalisedGraph _normalised;
    private readonly bool _isRandom;
    private readonly bool _isRegion;
    private readonly ProgramFunction? _program;
    private PreparedRun[] _plans = [];

    internal FusedFunction(FuserRuntime runtime, Graph graph, NormalisedGraph normalised)
        : this(runtime, graph, normalised, isRegion: false) => _program = GraphProgram.Of(normalised) is { } program ? new ProgramFunction(runtime, program) : null;

    /// <param name="isRegion">Whether it is a part of another function, whose runs count and its own do not.</param>
    internal FusedFunction(FuserRuntime runtime, Graph graph, NormalisedGraph normalised, bool isRegion)
    {
        _runtime = runtime;
        _normalised = normalised;
        _isRegion = isRegion;
        _isRandom = normalised.Graph.Nodes.Any(node => OperationCatalogue.Find(node.Kind) is { IsRandom: true });
        Graph = graph;
    }

    /// <summary>Key of the normalised graph, 32 hexadecimal digits: the same for graphs that compute the same operations.</summary>
    public string Key => _normalised.Key.ToString();

    /// <summary>The graph as it was registered.</summary>
    public Graph Graph { get; }

    /// <summary>Runs and returns new arrays, one per output of the graph (tuples flattened, numbers as 0-dim arrays).</summary>
    /// <param name="inputs">In the graph's order. They are read until the task ends; do not write them meanwhile. Where the task ends by a cancellation or
    /// a time-out, a device with a queue may go on reading and writing until the launch it is at is done.</param>
    /// <exception cref="Kernels.InputException">The inputs do not fit the graph.</exception>
    /// <exception cref="Kernels.LaunchException">A kernel failed, e.g. on an integer division by zero.</exception>
    public async ValueTask<ImmutableArray<NdArray>> RunAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
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

    /// <summary>Runs into arrays of the caller's. When the kernels are ready this completes before it returns and allocates nothing.</summary>
    /// <param name="inputs">In the graph's order.</param>
    /// <param name="outputs">
    /// One per output, of its shape and dtype, with any strides that give every element a place of its own; no two may share memory. An output may overlap inputs in any way: it is written in
    /// place where one kernel reads each element before it writes it, and computed elsewhere and copied at the end where not.
    /// </param>
    /// <exception cref="Kernels.InputException">The inputs or outputs do not fit the graph.</exception>
    /// <exception cref="Kernels.LaunchException">A kernel failed, e.g. on an integer division by zero.</exception>
    public ValueTask RunAsync(ReadOnlyMemory<FuserValue> inputs, ReadOnlyMemory<NdArray> outputs, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        try
        {
            return _program is not null ? WaitForProgram(_program.RunAsync(inputs, [.. outputs.Span], options ?? RunOptions.Default, report: null, cancellationToken))
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

    /// <summary>Runs on this thread if every kernel is ready, on the default device; allocates nothing.</summary>
    /// <returns>False when something has to be compiled first: warm up, or use <see cref="RunAsync(ReadOnlyMemory{FuserValue}, ReadOnlyMemory{NdArray}, RunOptions?, CancellationToken)"/>.</returns>
    /// <exception cref="Kernels.InputException">The inputs or outputs do not fit the graph.</exception>
    /// <exception cref="Kernels.LaunchException">A kernel failed, e.g. on an integer division by zero.</exception>
    /// <remarks>
    /// Of a graph with control flow the kernels a run needs are known when it meets them: it runs until one is missing, and writes the outputs at
    /// the end or not at all. A loop without end is ended by nobody here; run such graphs with a token.
    /// </remarks>
    public bool TryRun(ReadOnlySpan<FuserValue> inputs, ReadOnlySpan<NdArray> outputs) => _program is not null
        ? _program.TryRun(inputs, outputs)
        : TryRunNow(inputs, outputs, allocate: false, null, out _);

    /// <summary>As <see cref="RunAsync(ReadOnlyMemory{FuserValue}, RunOptions?, CancellationToken)"/>, and says what ran and how.</summary>
    public async ValueTask<RunReport> RunWithReportAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default) => _program is not null
        ? await _program.RunWithReportAsync(inputs, options ?? RunOptions.Default, cancellationToken).ConfigureAwait(false)
        : await RunSlowlyAsync(inputs, default, options ?? RunOptions.Default, cancellationToken).ConfigureAwait(false);

    /// <summary>Compiles what a run with such inputs needs; their elements are not read.</summary>
    /// <remarks>
    /// Of a graph with control flow that is what follows from the inputs' shapes: loop bodies, and both branches of a condition that is not known
    /// without running. What follows from elements is compiled when a run first meets it.
    /// </remarks>
    /// <exception cref="Kernels.CompileException">A kernel cannot be compiled; runs would use the fallback.</exception>
    public async ValueTask WarmUpAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        var device = _runtime.DeviceOf(options, inputs.Span);
        PreparedRun[] plans = _program is not null ? [.. _program.Forecast(inputs.Span, device.Device).Prepared] : [Prepare(inputs.Span, device.Device)];
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

    /// <summary>
    /// As <see cref="RunAsync(ReadOnlyMemory{FuserValue}, RunOptions?, CancellationToken)"/>, on an accelerator, and leaves the results there: tensors that later runs take as
    /// inputs without a copy. Dispose them to give their memory back.
    /// </summary>
    /// <exception cref="Kernels.InputException">The inputs do not fit the graph, are on several devices, or the device is one of the host.</exception>
    /// <exception cref="Kernels.LaunchException">A kernel failed, memory is exhausted, or the device did.</exception>
    public async ValueTask<ImmutableArray<DeviceTensor>> RunOnDeviceAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default)
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

        var prepared = Prepare(inputs.Span, device.Device);
        await _runtime.AdmitAsync(device, options, cancellationToken).ConfigureAwait(false);
        var kernels = await _runtime.ResolveAsync(prepared, cancellationToken).ConfigureAwait(false);
        if (kernels.Unavailable is not null)
        {
            return await UploadAsync(device, (await RunWithReportAsync(inputs, options, cancellationToken).ConfigureAwait(false)).Outputs, cancellationToken).ConfigureAwait(false);
        }

        CountRun();
        var call = new RunCall(ImmutableArray.Create(inputs.Span), default, options?.Seed ?? NextSeed(), options?.Threads ?? _runtime.Options.Threads);
        return await _runtime.RunResidentAsync(device, prepared, kernels, call, cancellationToken).ConfigureAwait(false);
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

    /// <summary>
    /// The plan for such inputs: steps, what they move through memory, groups, keys, IR, generated code, and why anything is not fused; of a graph with
    /// control flow the program, with the plans of its regions.
    /// </summary>
    public async ValueTask<Explanation> ExplainAsync(ReadOnlyMemory<FuserValue> inputs, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        var device = _runtime.DeviceOf(options, inputs.Span).Device;
        if (_program is not null)
        {
            return await _program.ExplainAsync(inputs, device, cancellationToken).ConfigureAwait(false);
        }

        var prepared = Prepare(inputs.Span, device);
        var explanation = await _runtime.ExplainAsync(_normalised, prepared, cancellationToken).ConfigureAwait(false);
        return explanation with { Plans = [PlanExplanations.Compare(null, prepared.Runner.Plan, inputs.Span)] };
    }

    /// <summary>Whether a run with such inputs on the default device would compile anything. Asks nobody: a kernel another function compiled meanwhile may make the answer too gloomy.</summary>
    public bool WouldCompile(ReadOnlySpan<FuserValue> inputs)
    {
        if (_program is not null)
        {
            var forecast = _program.Forecast(inputs, _runtime.DeviceOf(null, inputs).Device);
            return forecast.Unplanned.Count > 0 || forecast.Prepared.Any(WouldCompile);
        }

        return WouldCompile(Prepare(inputs, _runtime.DeviceOf(null, inputs).Device));
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

    /// <summary>Memory a run with such inputs takes beside them, before it is taken; of a graph with control flow what can be foreseen, each loop for one trip.</summary>
    /// <exception cref="Kernels.InputException">The inputs do not fit the graph.</exception>
    internal long RunBytes(ReadOnlySpan<FuserValue> inputs, RunOptions? options) => (_program, options) switch
    {
        ({ } program, _) => ForeseenBytes(program, inputs, _runtime.DeviceOf(options, inputs).Device),
        (_, { Unfused: true }) => new PreparedRun(_runtime.DefaultDevice.Device, Partitioner.Plan(_normalised, inputs, FusionMode.Unfused)).Runner.RunBytes,
        _ => Prepare(inputs, _runtime.DeviceOf(options, inputs).Device).Runner.RunBytes,
    };

    private static long ForeseenBytes(ProgramFunction program, ReadOnlySpan<FuserValue> inputs, Device device)
    {
        try
        {
            return program.Forecast(inputs, device).Prepared.Aggregate(0L, (sum, prepared) => MemorySizes.Sum(sum, prepared.Runner.RunBytes));
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

        var prepared = Prepare(inputs.Span, device.Device);
        await _runtime.AdmitAsync(device, options, cancellationToken).ConfigureAwait(false);
        var kernels = await _runtime.ResolveAsync(prepared, cancellationToken).ConfigureAwait(false);
        return kernels.Unavailable is { } unavailable
            ? await RunUnfusedAsync(unavailable.Reason).ConfigureAwait(false)
            : await _runtime.RunFusedAsync(device, prepared, kernels, call, start, cancellationToken).ConfigureAwait(false);

        async Task<RunReport> RunUnfusedAsync(string reason)
        {
            CountFallback();
            var local = device.Device.Accelerator is null ? call : call with { Inputs = await _runtime.OnHostAsync(device, call.Inputs, cancellationToken).ConfigureAwait(false) };
            return await _runtime.RunUnfusedAsync(_normalised, local, reason, start, cancellationToken).ConfigureAwait(false);
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
                return plan;
            }
        }

        return null;
    }

    internal PreparedRun Prepare(ReadOnlySpan<FuserValue> inputs, Device device)
    {
        if (FindPlan(device, inputs) is { } known)
        {
            return known;
        }

        var prepared = new PreparedRun(device, Partitioner.Plan(_normalised, inputs, FusionMode.Fused));

        // Newest first, so that the plan in use is found at once. Two threads that race both keep a working plan; one is forgotten.
        Volatile.Write(ref _plans, [prepared, .. _plans.Take(MaxPlans - 1)]);
        return prepared;
    }
}

/// <summary>What one call brings along.</summary>
internal sealed record RunCall(ImmutableArray<FuserValue> Inputs, ImmutableArray<NdArray> Outputs, long Seed, int Threads);
