using System.Net.Sockets;
using Fuser.Actors;
using Fuser.Host.Cluster;
using Fuser.Host.Configuration;
using Fuser.Host.Node;
using Fuser.Host.Security;
using Fuser.Host.Telemetry;
using Fuser.Kernels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using HostOptions = Fuser.Host.Configuration.HostOptions;

namespace Fuser.Host.Http;

/// <summary>
/// A node with HTTP in front of it. Nothing is taken from the process's surroundings but what the options say: no file of settings that lies about, no
/// variable of the platform.
/// </summary>
internal sealed class HttpNode : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly HostOptions _options;
    private readonly ILogger _logger;
    private readonly NodeDrain _drain;

    private HttpNode(WebApplication application, HostOptions options)
    {
        _application = application;
        _options = options;
        _logger = application.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Fuser.Host.Http");
        _drain = application.Services.GetRequiredService<NodeDrain>();
        Node = application.Services.GetRequiredService<FuserNode>();
    }

    /// <summary>The node behind it.</summary>
    public FuserNode Node { get; }

    /// <summary>Where it listens, once it is started.</summary>
    public IReadOnlyCollection<string> Addresses => AddressesOf(_application.Services.GetRequiredService<IServer>());

    /// <summary>Accepted requests that were not finished when the time for it was over; 0 before the end.</summary>
    public int Unfinished => _drain.Unfinished;

    /// <summary>Whether the node ended because its actors did, and not because it was told to.</summary>
    public bool LostItsActors { get; private set; }

    /// <summary>The parts it is made of.</summary>
    public IServiceProvider Services => _application.Services;

    /// <summary>Makes a node; it does not listen yet.</summary>
    /// <param name="environment">Where API keys may be.</param>
    /// <param name="host">Changes the host, such as its server, its clock or its log.</param>
    /// <exception cref="HostException">A key or certificate cannot be read.</exception>
    public static HttpNode Create(HostOptions options, IReadOnlyDictionary<string, string> environment, Action<WebApplicationBuilder>? host = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = typeof(HttpNode).Assembly.GetName().Name });
        KestrelSetup.Configure(builder.WebHost, options);
        AddLogging(builder.Logging, options.Telemetry.LogLevel);
        AddServices(builder.Services, options, environment);
        OpenTelemetryExport.Add(builder.Services, options);
        host?.Invoke(builder);

        var application = builder.Build();
        application.UseMiddleware<ProblemMiddleware>();
        application.UseRouting();
        application.UseMiddleware<BrowserGuard>();
        application.UseMiddleware<AuthenticationMiddleware>();
        application.Services.GetRequiredService<GraphEndpoints>().Map(application);
        application.Services.GetRequiredService<RunEndpoint>().Map(application);
        application.Services.GetRequiredService<InspectionEndpoints>().Map(application);
        application.Services.GetRequiredService<HealthEndpoints>().Map(application);
        application.Services.GetService<ArrayEndpoints>()?.Map(application);
        return new HttpNode(application, options);
    }

    /// <summary>Listens.</summary>
    /// <exception cref="HostException">The address is taken, or is none of this machine's.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        EndWithActors();
        try
        {
            await _application.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            throw new HostException(ErrorCodes.AddressUnavailable, $"the node cannot listen on {_options.Http.Url}: {error.Message.TrimEnd('.')}. Choose another address or port with fuser.http.url or --http.", error);
        }

        HostLog.Started(_logger, Node.Name, FuserNode.Version, string.Join(", ", Addresses), Node.Limits.MaxConcurrent, Node.Limits.MaxQueue, Node.Limits.MaxMemoryBytes);
        if (ListenAddress.Of(_options.Http) is { IsLoopback: false } address)
        {
            if (!_application.Services.GetRequiredService<CallerIdentification>().IsRequired)
            {
                HostLog.Open(_logger, Node.Name);
            }
            else if (!address.IsSecure)
            {
                HostLog.KeysInTheClear(_logger, _options.Http.Url);
            }
        }
    }

    /// <summary>Completes when the process is told to stop, and everything accepted is done or the time for it is over.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellationToken = default) => _application.WaitForShutdownAsync(cancellationToken);

    /// <summary>Takes no new work, finishes what was accepted within <see cref="NodeOptions.ShutdownTimeout"/>, and stops listening.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => _application.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static void AddLogging(ILoggingBuilder logging, LogDetail detail)
    {
        var level = detail switch
        {
            LogDetail.Trace => LogLevel.Trace,
            LogDetail.Debug => LogLevel.Debug,
            LogDetail.Information => LogLevel.Information,
            LogDetail.Warning => LogLevel.Warning,
            LogDetail.Error => LogLevel.Error,
            _ => LogLevel.None,
        };
        logging.SetMinimumLevel(level);

        // The platform logs every request twice at the level of what an operator should know.
        logging.AddFilter("Microsoft", level > LogLevel.Debug && level < LogLevel.Warning ? LogLevel.Warning : level);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.UseUtcTimestamp = true;
        });
        logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    }

    private static void AddServices(IServiceCollection services, HostOptions options, IReadOnlyDictionary<string, string> environment)
    {
        services.AddRoutingCore();
        services.Configure<Microsoft.Extensions.Hosting.HostOptions>(host => host.ShutdownTimeout = options.Node.ShutdownTimeout);
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<IFuser>(provider => new FuserSystem(options.Runtime, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<FuserNode>();
        services.AddSingleton<NodeDrain>().AddHostedService(provider => provider.GetRequiredService<NodeDrain>());
        services.AddSingleton(new CallerIdentification(options.Authentication, environment));
        services.AddSingleton(_ => new PrometheusExporter(options.Telemetry.MaxSeries));
        services.AddSingleton<GraphEndpoints>().AddSingleton<RunEndpoint>().AddSingleton<InspectionEndpoints>().AddSingleton<HealthEndpoints>();
        var health = services.AddHealthChecks()
            .AddCheck<ActorsAnswer>("actors", tags: [ActorsAnswer.Live, ActorsAnswer.Ready])
            .AddCheck<DeviceIsUsable>("devices", tags: [ActorsAnswer.Ready])
            .AddCheck<NodeTakesWork>("node", tags: [ActorsAnswer.Ready]);
        if (options.Cluster.Uri is null)
        {
            services.AddSingleton<INodeDirectory>(provider => new SingleNodeDirectory(provider.GetRequiredService<FuserNode>(), () => AddressesOf(provider.GetRequiredService<IServer>())));
        }
        else
        {
            services.AddClusterNode(options, environment, provider => AddressesOf(provider.GetRequiredService<IServer>()));
            health.AddCheck<BrokerIsThere>("broker", tags: [ActorsAnswer.Ready]);
        }
    }

    private static IReadOnlyCollection<string> AddressesOf(IServer server) => [.. server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []];

    /// <summary>A node whose actors have ended would go on answering errors for ever.</summary>
    private void EndWithActors()
    {
        if (Node.Fuser is FuserSystem system)
        {
            _ = EndAsync(system, _application.Services.GetRequiredService<IHostApplicationLifetime>());
        }

        async Task EndAsync(FuserSystem fuser, IHostApplicationLifetime lifetime)
        {
            await fuser.Actors.WhenTerminated.ConfigureAwait(false);
            if (!lifetime.ApplicationStopping.IsCancellationRequested)
            {
                LostItsActors = true;
                HostLog.ActorsEnded(_logger, fuser.Actors.TerminationCause);
                lifetime.StopApplication();
            }
        }
    }
}
