using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using Fuser.Actors.Caching;
using Fuser.Actors.Compilation;
using Fuser.Actors.Core;
using Fuser.Actors.Devices;
using Fuser.Actors.Fallback;
using Fuser.Kernels;
using Fuser.Kernels.Lowering;
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
    /// <summary>How often a spec that was evicted between being registered and being used is registered again before the run gives up on fusion.</summary>
    private const int MaxRegistrations = 8;

    private readonly ActorRef _cache;
    private readonly ActorRef _compilers;
    private readonly ActorRef _fallback;
    private readonly ImmutableArray<(Device Device, ActorRef Actor)> _devices;
    private readonly StripedCounter _runs = new();
    private readonly StripedCounter _fallbackRuns = new();
    private long _seed;

    public FuserRuntime(FuserOptions options, ActorRef cache, ActorRef compilers, ActorRef fallback, ImmutableArray<(Device Device, ActorRef Actor)> devices)
    {
        Options = options;
        _cache = cache;
        _compilers = compilers;
        _fallback = fallback;
        _devices = devices;
        _seed = options.Seed ?? BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
        DefaultDevice = FindDevice(options.Device);
    }

    public FuserOptions Options { get; }

    public Device DefaultDevice { get; }

    public long Runs => _runs.Value;

    public long FallbackRuns => _fallbackRuns.Value;

    public void CountRun() => _runs.Add(1);

    /// <summary>A seed for a run without one: distinct for each run, reproducible when the system's seed is given and runs are made in order.</summary>
    public long NextSeed() => Interlocked.Add(ref _seed, 0x632BE59BD9B4E019); // odd, so all 2^64 values come before one repeats

    public Device DeviceOf(RunOptions? options) => options?.Device is { } name && name != DefaultDevice.Name ? FindDevice(name) : DefaultDevice;

    /// <summary>The kernels of a plan: published ones at once, others through the actors, all at the same time.</summary>
    public async ValueTask<ResolvedKernels> ResolveAsync(PreparedRun prepared, CancellationToken cancellationToken)
    {
        var count = prepared.Specialisations.Length;
        var pending = new Task<object>[count];
        for (var i = 0; i < count; i++)
        {
            pending[i] = ResolveAsync(prepared.Specialisations[i], prepared.Device, cancellationToken);
        }

        var ready = ImmutableArray.CreateBuilder<KernelReady>(count);
        string? unavailable = null;
        for (var i = 0; i < count; i++)
        {
            switch (await pending[i].ConfigureAwait(false))
            {
                case KernelReady kernel:
                    prepared.Fill(i, kernel.Slot);
                    ready.Add(kernel);
                    break;
                case KernelUnavailable answer:
                    unavailable ??= answer.Reason;
                    break;
            }
        }

        return new ResolvedKernels(ready.ToImmutable(), unavailable);
    }

    public async Task<RunReport> RunFusedAsync(PreparedRun prepared, ResolvedKernels kernels, RunCall call, long start, CancellationToken cancellationToken)
    {
        var compiled = ImmutableArray.CreateRange(kernels.Ready, ready => ready.Kernel);
        ImmutableArray<NdArray> outputs;
        if (!prepared.Device.RunsOnCaller)
        {
            var device = _devices.First(known => known.Device == prepared.Device).Actor;
            var launch = new Launch(prepared.Runner, compiled, call.Inputs, call.Outputs, call.Seed, call.Threads);
            outputs = (await device.Ask<Launched>(launch, Options.AskTimeout, cancellationToken).ConfigureAwait(false)).Outputs;
        }
        else if (call.Outputs.IsDefault)
        {
            outputs = prepared.Runner.Run(call.Inputs.AsSpan(), compiled.AsSpan(), call.Seed, call.Threads);
        }
        else
        {
            prepared.Runner.Run(call.Inputs.AsSpan(), call.Outputs.AsSpan(), compiled.AsSpan(), call.Seed, call.Threads);
            outputs = call.Outputs;
        }

        var groups = prepared.Runner.Plan.Groups;
        return new RunReport(
            outputs,
            [.. kernels.Ready.Select((ready, i) => new KernelReport(i, groups[i].Operations, prepared.Specialisations[i].KernelKey, prepared.Device.Target.Fingerprint, ready.Kernel.CompileTime, ready.Cached))],
            ImmutableArray.CreateRange(groups, PlanDescription.Of),
            [],
            Stopwatch.GetElapsedTime(start));
    }

    public async Task<RunReport> RunUnfusedAsync(NormalisedGraph graph, RunCall call, string reason, long start, CancellationToken cancellationToken)
    {
        _fallbackRuns.Add(1);
        var answer = await _fallback.Ask<UnfusedRan>(new RunUnfused(graph, call.Inputs, call.Outputs, call.Seed, call.Threads), Options.AskTimeout, cancellationToken).ConfigureAwait(false);
        return new RunReport(answer.Outputs, [], answer.Steps, [new FallbackReport("the whole graph", reason)], Stopwatch.GetElapsedTime(start));
    }

    public async Task<Explanation> ExplainAsync(NormalisedGraph graph, PreparedRun prepared, CancellationToken cancellationToken)
    {
        var groups = ImmutableArray.CreateBuilder<GroupExplanation>();
        var notFused = ImmutableArray.CreateBuilder<FallbackReport>();
        for (var i = 0; i < prepared.Specialisations.Length; i++)
        {
            var specialisation = prepared.Specialisations[i];
            var handle = await RegisterAsync(specialisation.Spec, cancellationToken).ConfigureAwait(false);
            var forecast = await handle.Actor.Ask<CompileForecast>(new WouldCompile(specialisation.Arguments), Options.AskTimeout, cancellationToken).ConfigureAwait(false);
            var listing = "";
            try
            {
                var compile = new Compile(specialisation.Spec, specialisation.Arguments, prepared.Device.Target);
                listing = (await _compilers.Ask<CompiledKernel>(compile, Options.CompileTimeout, cancellationToken).ConfigureAwait(false)).Listing;
            }
            catch (FuserException error)
            {
                notFused.Add(new FallbackReport($"group {i}", error.Message));
            }

            var ir = GroupLowering.Lower(specialisation.Spec, specialisation.Arguments);
            groups.Add(new GroupExplanation(i, specialisation.Spec.Key.ToString(), specialisation.Arguments.ToString(), specialisation.Spec.Text, ir.ToString(), listing, forecast.Reason));
        }

        return new Explanation(
            graph.Key.ToString(),
            graph.Text,
            ImmutableArray.CreateRange(prepared.Runner.Plan.Groups, PlanDescription.Of),
            groups.ToImmutable(),
            notFused.ToImmutable());
    }

    private async Task<object> ResolveAsync(Specialisation specialisation, Device device, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < MaxRegistrations; attempt++)
        {
            var handle = await RegisterAsync(specialisation.Spec, cancellationToken).ConfigureAwait(false);
            if (handle.Kernels.Slots.TryGetValue(specialisation.Arguments, out var slot) && slot.Acquire() is { } kernel)
            {
                slot.Release(); // the kernel in hand cannot be lost; the lease only keeps the slot, and a miss later is just asked for again
                return new KernelReady(slot, kernel, Cached: true);
            }

            try
            {
                return await handle.Actor.Ask<object>(new Warm(specialisation.Arguments, device.Target), Options.AskTimeout, cancellationToken).ConfigureAwait(false);
            }
            catch (ActorStoppedException) when (attempt < MaxRegistrations - 1)
            {
                // The spec was evicted after it was registered here: register it again.
            }
            catch (ActorFailedException error)
            {
                return new KernelUnavailable($"the actor of the kernel's spec failed: {error.Message}");
            }
        }

        return new KernelUnavailable($"the spec was evicted {MaxRegistrations} times while its kernel was wanted; raise MaxSpecs ({Options.MaxSpecs})");
    }

    private ValueTask<SpecHandle> RegisterAsync(KernelSpec spec, CancellationToken cancellationToken) =>
        _cache.Ask<SpecHandle>(new Register(spec), Options.AskTimeout, cancellationToken);

    private Device FindDevice(string name) => _devices.FirstOrDefault(known => known.Device.Name == name).Device
        ?? throw new InputException(ErrorCodes.UnknownDevice, $"there is no device '{name}'; there are {string.Join(", ", _devices.Select(known => known.Device.Name))}");
}

/// <summary>The kernels of a plan, or why there are not all of them.</summary>
internal sealed record ResolvedKernels(ImmutableArray<KernelReady> Ready, string? Unavailable);
