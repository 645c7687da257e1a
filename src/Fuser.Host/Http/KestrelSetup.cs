using System.Net;
using Fuser.Host.Configuration;
using Fuser.Host.Security;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fuser.Host.Http;

/// <summary>The web server: where it listens, what it speaks, and how much it puts up with.</summary>
internal static class KestrelSetup
{
    public static void Configure(IWebHostBuilder host, HostOptions options) => host.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = options.Http.MaxConnections;
        kestrel.Limits.KeepAliveTimeout = options.Http.KeepAliveTimeout;

        // Bodies have a pace of their own (see Reception); the server's is the same for all sizes.
        kestrel.Limits.MinRequestBodyDataRate = null;

        // Arrays are large and come in order: a window of the size that one connection's bandwidth fills.
        kestrel.Limits.Http2.InitialStreamWindowSize = 1 << 20;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 4 << 20;
        Listen(kestrel, options);
    });

    private static void Listen(KestrelServerOptions kestrel, HostOptions options)
    {
        var address = ListenAddress.Of(options.Http);
        kestrel.Listen(new IPEndPoint(address.Address, address.Port), listen =>
        {
            listen.Protocols = options.Http.Versions switch
            {
                HttpVersions.Http1 => HttpProtocols.Http1,
                HttpVersions.Http2 => HttpProtocols.Http2,

                // Without TLS nothing says which of the two a connection speaks.
                _ => address.IsSecure ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1,
            };
            if (address.IsSecure)
            {
                var logger = kestrel.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("Fuser.Host.Http");
                var files = new CertificateFiles(options.Http.Tls, kestrel.ApplicationServices.GetRequiredService<TimeProvider>(), error => HostLog.CertificateKept(logger, error));
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(files.Options()) });
            }
        });
    }
}
