using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using Fuser.Actors.Caching;
using Fuser.Actors.Compilation;
using Fuser.Actors.Core;
using Fuser.Actors.Devices;
using Fuser.Actors.Fallback;
using Fuser.Kernels;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Specs;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Tensors;

namespace Fuser.Actors;

/// <summary>
/// What functions do through the actors: find or make kernels, launch on devices with a queue, fall back. Holds references to actors and no state of
/// theirs.
/// </summary>
internal sealed class FuserRuntime
{
    /// <summary>How often a spec that was evicted between being registered and being used is registered again before the run gives up.</summary>
    private const int MaxRegistrations = 8;

    /// <summary>Kernels of one run that are asked for at the same time: those that wait for a compiler would only use up the time they may take.</summary>
    private const int MostAskedAtOnce = 64;

    private readonly ActorRef _cache;
    private readonly ActorRef _compilers;
    private readonly ActorRef _fallback;
    private readonly DeviceTable _devices;
    private readonly FuserTelemetry _telemetry;
    private long _seed;
    private bool _hasEnded;

    public FuserRuntime(FuserOptions options, FuserTelemetry telemetry, ActorRef cache, ActorRef compilers, ActorRef fallback, DeviceTable devices, DeviceEntry defaultDevice)
    {
        Options = options;
        Plans = new PlanStore(options.MaxPlanBytes);
        _telemetry = telemetry;
        _cache = cache;
        _compilers = compilers;
        _fallback = fallback;
        _devices = devices;
        _seed = options.Seed ?? BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
        DefaultDevice = defaultDevice;
    }

    public FuserOptions Options { get; }

    /// <summary>The plans of all functions.</summary>
    public PlanStore Plans { get; }

    public DeviceEntry DefaultDevice { get; }

    /// <summary>
    /// Whether the actors are gone. Functions then run nothing by themselves either, however many kernels they still find: an actor that did not stop within the
    /// deadline cannot withdraw its own.
    /// </summary>
    public bool HasEnded
    {
        get => Volatile.Read(ref _hasEnded);
        set => Volatile.Write(ref _hasEnded, value);
    }

    public void CountRun() => _telemetry.Runs.Add(1);

    public void CountFallback() => _telemetry.FallbackRuns.Add(1);

    /// <summary>A seed for a run without one: distinct for each run, reproducible when the system's seed is given and runs are made in order.</summary>
    public long NextSeed() => Interlocked.Add(ref _seed, 0x632BE59BD9B4E019); // odd, so all 2^64 values come before one repeats

    /// <exception cref="InputException">There is no such device, or the inputs are on another.</exception>
    public DeviceEntry DeviceOf(RunOptions? options, ReadOnlySpan<FuserValue> inputs) => _devices.Choose(options?.Device, DefaultDevice, inputs);

    /// <summary>Whether the device of a run is for measurements to find.</summary>
    public bool IsLeftOpen(RunOptions? options, ReadOnlySpan<FuserValue> inputs)
    {
        if ((options?.Device ?? Options.Device) != RunOptions.CheapestDevice || options is { Unfused: true })
        {
            return false;
        }

        foreach (ref readonly var input in inputs)
        {
            if (input.Kind == FuserValueKind.Array && input.Array.Memory is ResidentMemory)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Devices that a run which is left open may go to, the host first.</summary>
    public ImmutableArray<DeviceEntry> Candidates => _devices.Candidates;

    public DeviceEntry Find(string device) => _devices.Find(device);

    /// <summary>Opens a device before its first use, and has its exactness probed.</summary>
    /// <exception cref="LaunchException">The device cannot be opened, or computes other bits than the contract says and that was not allowed.</exception>
    public async ValueTask AdmitAsync(DeviceEntry entry, RunOptions? options, CancellationToken cancellationToken)
    {
        if (entry.Device.Accelerator is { } accelerator && !entry.IsAdmitted)
        {
            var allowed = Options.AllowInexact || options is { AllowInexact: true };
            var admitted = await AskAsync(entry.Actor, accelerator, new Admit(allowed), cancellationToken).ConfigureAwait(false);
            entry.IsAdmitted = admitted.Difference is null; // an inexact one is asked about each time: another run may not allow it
        }
    }

    /// <summary>Asks again as long as the device's probe got on meanwhile: it takes as long as the driver takes to compile, and a busy machine many times that.</summary>
    private async Task<Admitted> AskAsync(ActorRef device, Accelerator accelerator, Admit admit, CancellationToken cancellationToken)
    {
        while (true)
        {
            var progress = accelerator.Progress;
            try
            {
                return await device.Ask<Admitted>(admit, Options.AskTimeout, cancellationToken).ConfigureAwait(false);
            }
            catch (AskTimeoutException) when (accelerator.Progress != progress)
            {
                // It is at it.
            }
        }
    }

    /// <summary>The kernels of a plan: those it has at once, others through the actors, all at the same time.</summary>
    public async ValueTask<ResolvedKernels> ResolveAsync(PreparedRun prepared, CancellationToken cancellationToken)
    {
        using var activity = FuserTelemetry.Start("resolve");
        while (true)
        {
            var resolved = await ResolveOnceAsync(prepared, cancellationToken).ConfigureAwait(false);
            if (Array.TrueForAll(resolved, static answer => answer is KernelReady))
            {
                return new ResolvedKernels(prepared, [.. resolved.Cast<KernelReady>()], null);
            }

            var refused = resolved.Index().Where(answer => answer.Item is KernelUnavailable failed && prepared.IsRefused(answer.Index, failed.Code)).ToDictionary(answer => answer.Index, answer => ((KernelUnavailable)answer.Item).Reason);
            if (refused.Count == 0)
            {
                return new ResolvedKernels(prepared, [], resolved.OfType<KernelUnavailable>().First());
            }

            var instead = prepared.Without(refused);
            prepared.Replace(instead);
            prepared = instead; // with fewer groups of the device: this comes to an end
        }
    }

    private async Task<object[]> ResolveOnceAsync(PreparedRun prepared, CancellationToken cancellationToken)
    {
        var answers = new object[prepared.Specialisations.Length];
        var missing = new List<int>();
        for (var i = 0; i < answers.Length; i++)
        {
            if (!HasEnded && prepared.Find(i) is { } known)
            {
                answers[i] = known;
            }
            else if (prepared.FirstAlike[i] == i)
            {
                missing.Add(i);
            }
        }

        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(missing.Count, MostAskedAtOnce)).Select(_ => ResolveMissingAsync())).ConfigureAwait(false);
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i] ??= answers[prepared.FirstAlike[i]] is KernelReady first ? first with { Cached = true } : answers[prepared.FirstAlike[i]];
            if (answers[i] is KernelReady kernel)
            {
                prepared.Fill(i, kernel.Slot);
            }
        }

        return answers;

        async Task ResolveMissingAsync()
        {
            while (Interlocked.Increment(ref next) is var at && at < missing.Count)
            {
                answers[missing[at]] = await ResolveAsync(prepared.Specialisations[missing[at]], prepared.Targets[missing[at]], cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async Task<RunReport> RunFusedAsync(DeviceEntry entry, ResolvedKernels kernels, RunCall call, long start, CancellationToken cancellationToken)
    {
        var prepared = kernels.Prepared;
        ImmutableArray<NdArray> outputs;
        using (FuserTelemetry.Start("launch"))
        {
            if (prepared.OnDevice is { } plan)
            {
                outputs = (await LaunchAsync<Launched>(entry, new LaunchOnDevice(plan, kernels.Ready, call.Inputs, call.Outputs, KeepResults: false, call.Seed, call.Threads), cancellationToken).ConfigureAwait(false)).Outputs;
            }
            else
            {
                var launch = new Launch(prepared.Runner, kernels.Ready, call.Inputs, call.Outputs, call.Seed, call.Threads, cancellationToken);
                outputs = prepared.Device.RunsOnCaller ? launch.Run(new LeasedKernels()).Outputs : (await entry.Actor.Ask<Launched>(launch, Options.AskTimeout, cancellationToken).ConfigureAwait(false)).Outputs;
            }
        }

        var groups = prepared.Runner.Plan.Groups;
        return new RunReport(
            outputs,
            [.. kernels.Ready.Select((ready, i) => new KernelReport(i, groups[i].Operations, prepared.Specialisations[i].KernelKey, prepared.Targets[i].Fingerprint, ready.Kernel.CompileTime, ready.Cached) { WhyOnHost = (prepared.Targets[i] as HostTarget)?.Reason })],
            PlanDescription.Of(prepared.Runner.Plan),
            [],
            Stopwatch.GetElapsedTime(start));
    }

    public async Task<RunReport> RunUnfusedAsync(NormalisedGraph graph, RunCall call, string reason, long start, CancellationToken cancellationToken)
    {
        using var activity = FuserTelemetry.Start("fallback");
        var answer = await _fallback.Ask<UnfusedRan>(new RunUnfused(graph, call.Inputs, call.Outputs, call.Seed, call.Threads, cancellationToken), Options.AskTimeout, cancellationToken).ConfigureAwait(false);
        return new RunReport(answer.Outputs, [], answer.Steps, [new FallbackReport("the whole graph", reason)], Stopwatch.GetElapsedTime(start));
    }

    /// <param name="inputs">What the plan was made for; elements are not read.</param>
    public async Task<Explanation> ExplainAsync(NormalisedGraph graph, PreparedRun prepared, ReadOnlyMemory<FuserValue> inputs, CancellationToken cancellationToken)
    {
        var groups = ImmutableArray.CreateBuilder<GroupExplanation>();
        var notFused = ImmutableArray.CreateBuilder<FallbackReport>();
        prepared = await ExplainGroupsAsync(prepared, groups, notFused, cancellationToken).ConfigureAwait(false);
        return new Explanation(
            graph.Key.ToString(),
            graph.Text,
            PlanDescription.Of(prepared.Runner.Plan),
            groups.ToImmutable(),
            notFused.ToImmutable())
        {
            Plans = [PlanExplanations.Compare(null, prepared, inputs.Span, cancellationToken)],
        };
    }

    /// <summary>Adds the groups of a plan behind those that are there; their numbers go on from there.</summary>
    /// <returns>The plan that would run: where the device refuses kernels, with those on the host.</returns>
    public async ValueTask<PreparedRun> ExplainGroupsAsync(PreparedRun prepared, ImmutableArray<GroupExplanation>.Builder groups, ImmutableArray<FallbackReport>.Builder notFused, CancellationToken cancellationToken)
    {
        for (var i = 0; i < prepared.Specialisations.Length; i++)
        {
            var specialisation = prepared.Specialisations[i];
            var (kernel, why) = await ForecastAsync(specialisation, cancellationToken).ConfigureAwait(false);
            var (ir, listing) = ("", "");
            try
            {
                // Asked of the compilers and not of the spec: explaining is no use of a kernel, and leaves none behind.
                ir = KernelCompiler.IrText(specialisation.Spec, specialisation.Arguments, prepared.Targets[i]);
                kernel ??= await _compilers.Ask<CompiledKernel>(new Compile(specialisation.Spec, specialisation.Arguments, prepared.Targets[i], cancellationToken), Options.CompileTimeout, cancellationToken).ConfigureAwait(false);
                listing = kernel.Listing;
            }
            catch (FuserException error) when (prepared.IsRefused(i, error.Code))
            {
                prepared = prepared.Without(new Dictionary<int, string> { [i] = error.Message });
                i--; // the same group once more, as the host's
                continue;
            }
            catch (FuserException error)
            {
                notFused.Add(new FallbackReport($"group {groups.Count}", error.Message));
            }

            groups.Add(new GroupExplanation(groups.Count, specialisation.Spec.Key.ToString(), specialisation.Arguments.ToString(), specialisation.Spec.Text, ir, listing, why));
        }

        return prepared;
    }

    /// <summary>Runs on an accelerator and leaves the results there.</summary>
    public async Task<ImmutableArray<DeviceTensor>> RunResidentAsync(DeviceEntry entry, ResolvedKernels kernels, RunCall call, CancellationToken cancellationToken)
    {
        using var activity = FuserTelemetry.Start("launch");
        var launch = new LaunchOnDevice(kernels.Prepared.OnDevice!, kernels.Ready, call.Inputs, default, KeepResults: true, call.Seed, call.Threads);
        var kept = await LaunchAsync<Kept>(entry, launch, cancellationToken).ConfigureAwait(false);
        return [.. kernels.Prepared.Runner.Plan.Outputs.Select((output, i) => new DeviceTensor(entry, kept.BufferIds[i], output.DType, output.Shape, Options.AskTimeout))];
    }

    /// <summary>Copies an array of the host to an accelerator.</summary>
    public async Task<DeviceTensor> UploadAsync(DeviceEntry entry, NdArray array, CancellationToken cancellationToken)
    {
        var allocated = await entry.Actor.Ask<Allocated>(new Upload(array), Options.AskTimeout, cancellationToken).ConfigureAwait(false);
        return new DeviceTensor(entry, allocated.BufferId, array.DType, array.Shape, Options.AskTimeout);
    }

    /// <summary>The inputs with those that are on an accelerator copied to the host: for what can only run there.</summary>
    public async Task<ImmutableArray<FuserValue>> OnHostAsync(DeviceEntry entry, ImmutableArray<FuserValue> inputs, CancellationToken cancellationToken)
    {
        var copies = ImmutableArray.CreateBuilder<FuserValue>(inputs.Length);
        foreach (var input in inputs)
        {
            if (input.Kind != FuserValueKind.Array || input.Array.Memory is not ResidentMemory resident)
            {
                copies.Add(input);
                continue;
            }

            var copy = NdArray.Allocate(input.Array.DType, input.Array.Shape);
            await entry.Actor.Ask<Downloaded>(new Download(resident.Id, copy), Options.AskTimeout, cancellationToken).ConfigureAwait(false);
            copies.Add(copy);
        }

        return copies.MoveToImmutable();
    }

    private async ValueTask<T> LaunchAsync<T>(DeviceEntry entry, LaunchOnDevice launch, CancellationToken cancellationToken)
    {
        if (Options.WhenDeviceQueueFull == DeviceQueueBehavior.Fail)
        {
            return await entry.Actor.Ask<T>(launch, Options.AskTimeout, cancellationToken).ConfigureAwait(false);
        }

        if (!await entry.Room.WaitAsync(Options.AskTimeout, cancellationToken).ConfigureAwait(false))
        {
            throw new LaunchException(ErrorCodes.Overloaded, $"device {entry.Device.Name} had no room for the run within {Options.AskTimeout.TotalSeconds:0.#} s: {Options.DeviceQueueCapacity} others waited; send less at once, or raise {nameof(FuserOptions.AskTimeout)}");
        }

        try
        {
            return await entry.Actor.Ask<T>(launch, Options.AskTimeout, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            entry.Room.Release();
        }
    }

    private async Task<object> ResolveAsync(Specialisation specialisation, IKernelTarget target, CancellationToken cancellationToken)
    {
        try
        {
            return await WithSpecAsync(
                specialisation.Spec,
                handle => handle.Kernels.Find(specialisation.Arguments) is { } ready
                    ? ValueTask.FromResult<object>(ready)
                    : handle.Actor.Ask<object>(new Warm(specialisation.Arguments, target, cancellationToken), Options.AskTimeout, cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }
        catch (ActorFailedException error)
        {
            return new KernelUnavailable(error.Code, $"the actor of the kernel's spec failed: {error.Message}");
        }
    }

    /// <summary>Why a kernel would be compiled now, or the kernel.</summary>
    private ValueTask<(CompiledKernel? Kernel, string? Why)> ForecastAsync(Specialisation specialisation, CancellationToken cancellationToken) =>
        WithSpecAsync(
            specialisation.Spec,
            async handle =>
            {
                var forecast = await handle.Actor.Ask<CompileForecast>(new WouldCompile(specialisation.Arguments), Options.AskTimeout, cancellationToken).ConfigureAwait(false);
                return (forecast.Kernel, forecast.Reason);
            },
            cancellationToken);

    /// <summary>Asks a spec's actor, and registers the spec again when it was evicted after it was registered here.</summary>
    private async ValueTask<T> WithSpecAsync<T>(KernelSpec spec, Func<SpecHandle, ValueTask<T>> ask, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var handle = await RegisterAsync(spec, cancellationToken).ConfigureAwait(false);
            try
            {
                return await ask(handle).ConfigureAwait(false);
            }
            catch (ActorStoppedException error) when (attempt < MaxRegistrations && error.Actor.Equals(handle.Actor.Path))
            {
                // Only the spec's own end is worth another try: if the system is stopping, the cache says so next.
            }
        }
    }

    private ValueTask<SpecHandle> RegisterAsync(KernelSpec spec, CancellationToken cancellationToken) =>
        _cache.Ask<SpecHandle>(new Register(spec), Options.AskTimeout, cancellationToken);
}

/// <summary>The kernels of a plan, or why there are not all of them.</summary>
/// <param name="Prepared">The plan they are for: where the device refused kernels, another than the one that was asked about.</param>
internal sealed record ResolvedKernels(PreparedRun Prepared, ImmutableArray<KernelReady> Ready, KernelUnavailable? Unavailable);
