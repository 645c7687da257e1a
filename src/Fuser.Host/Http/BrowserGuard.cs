using Fuser.Host.Configuration;
using Fuser.Host.Security;
using Fuser.Kernels;
using Microsoft.AspNetCore.Http;

namespace Fuser.Host.Http;

/// <summary>
/// Keeps web pages out. A node on loopback needs no key, but a page in a browser on the same machine reaches loopback too: directly, which its Origin header
/// gives away, or through a name of its own that leads here, which the Host header gives away.
/// </summary>
internal sealed class BrowserGuard(RequestDelegate next, HostOptions options, CallerIdentification callers)
{
    // A proxy in front may hand its own name on. It needs keys then, which a page does not have.
    private readonly bool _checksHost = !callers.IsRequired && ListenAddress.Of(options.Http).IsLoopback;

    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.Origin.Count > 0 && request.Headers.Origin != $"{request.Scheme}://{request.Host}")
        {
            throw new HostException(ErrorCodes.Forbidden, "the request comes from a web page of another origin; the node is for programs, and answers none.");
        }

        if (_checksHost && !IsLoopback(request.Host.Host))
        {
            throw new HostException(ErrorCodes.Forbidden, "the node listens on loopback only, and the request is addressed to another host. Call it as localhost, 127.0.0.1 or [::1], or set fuser.authentication for one behind a proxy.");
        }

        return next(context);
    }

    private static bool IsLoopback(string host) =>
        host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (System.Net.IPAddress.TryParse(host.Trim('[', ']'), out var ip) && System.Net.IPAddress.IsLoopback(ip));
}
