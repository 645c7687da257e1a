using System.Collections.Immutable;
using Fuser.Actors.Caching;
using Fuser.Actors.Compilation;
using Fuser.Actors.Core;
using Fuser.Actors.Devices;
using Fuser.Actors.Fallback;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Targets.Interpreter;
using Fuser.Kernels.Targets.Simd;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fuser.Actors;

/// <summary>The runtime in this process: an actor system with the fusion actors in it. Start one and keep it; disposing it ends all work in progress within <see cref="FuserOptions.ShutdownTimeout"/>.</summary>
public sealed class FuserSystem : IFuser
{
    /// <summary>Memory that may be allocated on a device of the host.</summary>
    private static readonly long HostMemory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    private readonly ActorRef _cache;
    private readonly FuserRuntime _runtime;
    private readonly ImmutableArray<(Device Device, ActorRef Actor)> _devices;

    /// <param name="compiler">What the compiler pool is made of; tests put failing ones here.</param>
    /// <param name="target">What generates code for the processor; tests choose widths here.</param>
    internal FuserSystem(FuserOptions options, TimeProvider? timeProvider = null, ILoggerFactory? loggers = null, Func<Actor>? compiler = null, IKernelTarget? target = null)
    {
        FuserOptionsValidator.ThrowIfInvalid(options);
        loggers ??= NullLoggerFactory.Instance;
        var restart = new SupervisorStrategy { Decider = static _ => Directive.Restart, MaxRetries = -1, MinBackoff = TimeSpan.FromMilliseconds(1), MaxBackoff = TimeSpan.FromSeconds(10) };
        Actors = new ActorSystem(
            "fuser",
            new ActorSystemOptions { AskTimeout = options.AskTimeout, DrainTimeout = options.ShutdownTimeout, StopTimeout = options.ShutdownTimeout, GuardianStrategy = restart },
            timeProvider,
            loggers);

        var compilerProps = Props.Create(compiler ?? (static () => new CompilerActor())).WithMailboxCapacity(options.MailboxCapacity);
        Compilers = Actors.ActorOf(compilerProps.WithRouter(new SmallestMailboxPool(options.Compilers)), "compilers");
        var fallback = Actors.ActorOf(Props.Create<FallbackActor>().WithMailboxCapacity(options.MailboxCapacity).WithRouter(new SmallestMailboxPool(options.Threads)), "fallback");
        _cache = Actors.ActorOf(Props.Create(() => new KernelCacheActor(options, Compilers, loggers.CreateLogger("Fuser.Kernels"))).WithMailboxCapacity(options.MailboxCapacity), "kernel-cache");
        _devices = ImmutableArray.CreateRange(HostDevices(target), device => (device, Actors.ActorOf(
            Props.Create(() => new DeviceActor(device, HostMemory)).WithDispatcher(Dispatcher.Pinned).WithMailboxCapacity(options.MailboxCapacity), $"device-{device.Name}")));
        _runtime = new FuserRuntime(options, _cache, Compilers, fallback, _devices);
    }

    internal ActorSystem Actors { get; }

    internal ActorRef Compilers { get; }

    internal ActorRef Cache => _cache;

    /// <summary>Starts a system.</summary>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">An option is out of range; the message names it.</exception>
    public static ValueTask<FuserSystem> StartAsync(FuserOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(new FuserSystem(options ?? new FuserOptions()));
    }

    /// <inheritdoc/>
    public ValueTask<FusedFunction> RegisterAsync(Graph graph, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(new FusedFunction(_runtime, graph, Normaliser.Normalise(graph)));
    }

    /// <inheritdoc/>
    public async ValueTask<FuserStatistics> GetStatisticsAsync(CancellationToken cancellationToken = default)
    {
        var cache = await _cache.Ask<CacheStatistics>(GetStatistics.Instance, cancellationToken: cancellationToken).ConfigureAwait(false);
        var actors = Actors.Statistics;
        return new FuserStatistics(
            cache.Specs,
            cache.SpecsCreated,
            cache.SpecsEvicted,
            cache.Kernels,
            cache.KernelsCompiled,
            cache.KernelsEvicted,
            cache.CompilesFailed,
            cache.CodeBytes,
            _runtime.Runs,
            _runtime.FallbackRuns,
            actors.Dead + actors.Unhandled + actors.Dropped,
            actors.Restarts);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<DeviceDescription>> GetDevicesAsync(CancellationToken cancellationToken = default)
    {
        var descriptions = new List<DeviceDescription>();
        foreach (var (device, actor) in _devices)
        {
            var status = await actor.Ask<DeviceStatus>(GetDeviceStatus.Instance, cancellationToken: cancellationToken).ConfigureAwait(false);
            descriptions.Add(new DeviceDescription(device.Name, true, status.Description));
        }

        return descriptions;
    }

    /// <inheritdoc/>
    public async ValueTask ClearAsync(CancellationToken cancellationToken = default) =>
        await _cache.Ask<Cleared>(Clear.Instance, cancellationToken: cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Actors.DisposeAsync();

    private static ImmutableArray<Device> HostDevices(IKernelTarget? target)
    {
        var simd = target ?? SimdTarget.Best;
        return
        [
            new Device("cpu", $"processor, {Environment.ProcessorCount} threads, {simd.Fingerprint}", simd, RunsOnCaller: true),
            new Device("interpreter", "every primitive by plain loops, no generated code: the oracle", InterpreterTarget.Instance, RunsOnCaller: false),
        ];
    }
}
