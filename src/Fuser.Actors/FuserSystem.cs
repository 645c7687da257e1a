using System.Collections.Immutable;
using Fuser.Actors.Caching;
using Fuser.Actors.Compilation;
using Fuser.Actors.Core;
using Fuser.Actors.Devices;
using Fuser.Actors.Fallback;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Targets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fuser.Actors;

/// <summary>The runtime in this process: an actor system with the fusion actors in it. Start one and keep it; disposing it ends all work in progress within <see cref="FuserOptions.ShutdownTimeout"/>.</summary>
public sealed class FuserSystem : IFuser
{
    /// <summary>Memory that may be allocated on a device of the host.</summary>
    private static readonly long HostMemory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>The part of the shutdown's time in which work in progress may end by itself; the rest is for what has to be stopped.</summary>
    private const double DrainShare = 0.75;

    /// <summary>For the actors that own something: a device may need a moment to come back.</summary>
    private static readonly SupervisorStrategy RestartWithBackoff = new() { Decider = static _ => Directive.Restart, MaxRetries = -1, MinBackoff = TimeSpan.FromMilliseconds(1), MaxBackoff = TimeSpan.FromSeconds(10) };

    /// <summary>For pools without state: a crash costs the request at hand and nothing else, however many there are.</summary>
    private static readonly SupervisorStrategy RestartAlways = new() { Decider = static _ => Directive.Restart, MaxRetries = -1 };

    private readonly FuserRuntime _runtime;

    /// <param name="compiler">What the compiler pool is made of; tests put failing ones here.</param>
    /// <param name="target">What generates code for the processor; tests choose widths here.</param>
    internal FuserSystem(FuserOptions options, TimeProvider? timeProvider = null, ILoggerFactory? loggers = null, Func<Actor>? compiler = null, IKernelTarget? target = null)
    {
        options = options.Copy();
        var devices = Device.OfHost(target);
        var defaultDevice = Device.Find(devices, options.Device);
        FuserOptionsValidator.ThrowIfInvalid(options);
        loggers ??= NullLoggerFactory.Instance;
        Actors = new ActorSystem(
            "fuser",
            new ActorSystemOptions
            {
                AskTimeout = options.AskTimeout,
                DrainTimeout = options.ShutdownTimeout * DrainShare,
                StopTimeout = options.ShutdownTimeout * (1 - DrainShare),
                GuardianStrategy = RestartWithBackoff,
            },
            timeProvider,
            loggers);
        Telemetry = new FuserTelemetry(Actors.Name);

        Compilers = Actors.ActorOf(Pool(compiler ?? (static () => new CompilerActor()), options.Compilers), "compilers");
        Fallback = Actors.ActorOf(Pool(static () => new FallbackActor(), options.Threads), "fallback");
        var cache = Props.Create(() => new KernelCacheActor(options, Compilers, Telemetry, loggers.CreateLogger("Fuser.Kernels")));
        Cache = Actors.ActorOf(cache.WithMailboxCapacity(options.MailboxCapacity).WithDispatcher(Dispatcher.CallerWhenIdle()), "kernel-cache");
        Devices = ImmutableArray.CreateRange(devices, device => (device, Actors.ActorOf(
            Props.Create(() => new DeviceActor(device, HostMemory)).WithDispatcher(Dispatcher.Pinned).WithMailboxCapacity(options.MailboxCapacity), $"device-{device.Name}")));
        _runtime = new FuserRuntime(options, Telemetry, Cache, Compilers, Fallback, Devices, defaultDevice);

        Props Pool(Func<Actor> worker, int size) =>
            Props.Create(worker).WithMailboxCapacity(options.MailboxCapacity).WithRouter(new SmallestMailboxPool(size, RestartAlways));
    }

    internal ActorSystem Actors { get; }

    internal FuserTelemetry Telemetry { get; }

    internal ActorRef Compilers { get; }

    internal ActorRef Fallback { get; }

    internal ActorRef Cache { get; }

    internal ImmutableArray<(Device Device, ActorRef Actor)> Devices { get; }

    /// <summary>Starts a system. Later changes of the options do not reach it.</summary>
    /// <exception cref="Kernels.InputException">There is no device as <see cref="FuserOptions.Device"/> says.</exception>
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
        var cache = await Cache.Ask<CacheStatistics>(GetStatistics.Instance, cancellationToken: cancellationToken).ConfigureAwait(false);
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
            Telemetry.Runs.Value,
            Telemetry.FallbackRuns.Value,
            actors.Dead + actors.Unhandled + actors.Dropped,
            actors.Restarts);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DeviceDescription>> GetDevicesAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var defaultFirst = Devices.OrderBy(known => known.Device != _runtime.DefaultDevice);
        return ValueTask.FromResult<IReadOnlyList<DeviceDescription>>([.. defaultFirst.Select(known => new DeviceDescription(known.Device.Name, true, known.Device.Description))]);
    }

    /// <inheritdoc/>
    public async ValueTask ClearAsync(CancellationToken cancellationToken = default) =>
        await Cache.Ask<Cleared>(Clear.Instance, cancellationToken: cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Actors.DisposeAsync().ConfigureAwait(false);
        _runtime.HasEnded = true;
        Telemetry.Dispose();
    }
}
