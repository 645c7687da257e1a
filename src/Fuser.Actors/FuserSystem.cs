using Fuser.Actors.Caching;
using Fuser.Actors.Compilation;
using Fuser.Actors.Core;
using Fuser.Actors.Devices;
using Fuser.Actors.Fallback;
using Fuser.Kernels.Devices.Accelerators;
using Fuser.Kernels.Graphs;
using Fuser.Kernels.Normalisation;
using Fuser.Kernels.Targets;
using Fuser.Kernels.Tensors;
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
    /// <param name="accelerators">Finds the accelerators; tests put stand-ins for drivers here.</param>
    internal FuserSystem(FuserOptions options, TimeProvider? timeProvider = null, ILoggerFactory? loggers = null, Func<Actor>? compiler = null, IKernelTarget? target = null, Func<BinaryStore, AcceleratorCatalogue>? accelerators = null)
    {
        options = options.Copy();
        FuserOptionsValidator.ThrowIfInvalid(options);
        loggers ??= NullLoggerFactory.Instance;
        var deviceLog = loggers.CreateLogger("Fuser.Devices");
        var store = new BinaryStore(options.CacheDirectory.Length == 0 ? null : options.CacheDirectory, problem => DeviceLog.Cache(deviceLog, problem));
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
        Devices = new DeviceTable(Device.OfHost(target), () => (accelerators ?? AcceleratorCatalogue.Find)(store), StartDevice);
        _runtime = new FuserRuntime(options, Telemetry, Cache, Compilers, Fallback, Devices, FindDefault());

        DeviceEntry StartDevice(Device device)
        {
            Func<Actor> actor = device.Accelerator is { } accelerator
                ? () => new AcceleratorActor(accelerator, new AcceleratorSettings(options.DeviceStreams, options.DeviceQueueCapacity, store), Telemetry, deviceLog)
                : () => new DeviceActor(device, HostMemory);
            var props = Props.Create(actor).WithDispatcher(Dispatcher.Pinned).WithMailboxCapacity(options.MailboxCapacity).WithStashCapacity(options.DeviceQueueCapacity);
            return new DeviceEntry(device, Actors.ActorOf(props, $"device-{device.Name}"), options.DeviceQueueCapacity);
        }

        DeviceEntry FindDefault()
        {
            try
            {
                return options.Device == RunOptions.CheapestDevice ? Devices.Host[0] : Devices.Find(options.Device);
            }
            catch (Kernels.FuserException)
            {
                _ = DisposeAsync().AsTask(); // the actors that were started already
                throw;
            }
        }

        Props Pool(Func<Actor> worker, int size) =>
            Props.Create(worker).WithMailboxCapacity(options.MailboxCapacity).WithRouter(new SmallestMailboxPool(size, RestartAlways));
    }

    internal ActorSystem Actors { get; }

    internal FuserTelemetry Telemetry { get; }

    internal ActorRef Compilers { get; }

    internal ActorRef Fallback { get; }

    internal ActorRef Cache { get; }

    internal DeviceTable Devices { get; }

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
        return ValueTask.FromResult(Register(graph, cancellationToken));
    }

    /// <summary>As <see cref="RegisterAsync"/>, which waits for nothing here.</summary>
    internal FusedFunction Register(Graph graph, CancellationToken cancellationToken = default) => new LocalFunction(_runtime, graph, Normaliser.Normalise(graph, cancellationToken));

    /// <summary>The plans that functions remember.</summary>
    internal PlanStore Plans => _runtime.Plans;

    /// <summary>Estimated memory of everything that is kept for runs to come.</summary>
    internal long KeptBytes => Plans.Bytes + Telemetry.Cache.Snapshot.CodeBytes;

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
        var defaultFirst = Devices.All.OrderBy(known => known != _runtime.DefaultDevice);
        return ValueTask.FromResult<IReadOnlyList<DeviceDescription>>(
        [
            .. defaultFirst.Select(known => new DeviceDescription(known.Device.Name, true, known.Device.Description)),
            .. Devices.Missing.Select(missing => new DeviceDescription(missing.Name, false, missing.Reason)),
        ]);
    }

    /// <summary>Copies an array to an accelerator, where runs take it as an input without a further copy. Dispose the tensor to give its memory back.</summary>
    /// <param name="array">Any layout; row-major on the device. It is read until the task ends.</param>
    /// <param name="device">As <see cref="RunOptions.Device"/>: <c>opencl</c>, <c>cuda:1</c>.</param>
    /// <exception cref="Kernels.InputException">There is no such device, or it is one of the host, which needs no copy.</exception>
    /// <exception cref="Kernels.LaunchException">The device cannot be used, or has no such memory.</exception>
    public async ValueTask<DeviceTensor> UploadAsync(NdArray array, string device, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(array);
        ArgumentNullException.ThrowIfNull(device);
        cancellationToken.ThrowIfCancellationRequested();
        var entry = _runtime.Find(device);
        if (entry.Device.Accelerator is null)
        {
            throw new Kernels.InputException(Kernels.ErrorCodes.UnknownDevice, $"device {device} works on the host's memory; pass the array to the run as it is");
        }

        return await _runtime.UploadAsync(entry, array.Layout.IsContiguous ? array : array.Packed(), cancellationToken).ConfigureAwait(false);
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
