using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Fuser.Host.Cluster;

/// <summary>Lets nodes fetch the arrays that a caller holds. It listens from the first array on that is too large for a message.</summary>
internal sealed class ArrayServer(HeldArrays held, string listenUrl, string? advertiseUrl) : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1);
    private WebApplication? _application;

    /// <summary>Where nodes reach it, once it listens.</summary>
    public string Url { get; private set; } = "";

    public async Task EnsureListeningAsync(CancellationToken cancellationToken)
    {
        if (Url.Length > 0)
        {
            return;
        }

        await _starting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Url.Length == 0)
            {
                _application = await StartAsync(cancellationToken).ConfigureAwait(false);
                Url = advertiseUrl?.TrimEnd('/') ?? _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _starting.Dispose();
        if (_application is not null)
        {
            await _application.DisposeAsync().ConfigureAwait(false);
        }
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "Whoever asked for it disposes it.")]
    private async Task<WebApplication> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(listenUrl);
        builder.Services.AddRoutingCore();
        var application = builder.Build();
        application.UseRouting();
        new ArrayEndpoints(held).Map(application);
        await application.StartAsync(cancellationToken).ConfigureAwait(false);
        return application;
    }
}
