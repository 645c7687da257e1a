using Fuser.Host.Configuration;
using Fuser.Host.Security;
using Fuser.Kernels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Fuser.Host.Http;

/// <summary>Lets a request through to its endpoint if its caller may reach it. An endpoint that does not say who may is reached by nobody.</summary>
internal sealed class AuthenticationMiddleware(RequestDelegate next, CallerIdentification callers, ILogger<AuthenticationMiddleware> logger)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            // Nothing takes that method at that address. Whoever is not known does not even learn that.
            return callers.IsRequired && Identify(context) is null ? throw Unknown(context) : next(context);
        }

        var requirement = endpoint.Metadata.GetMetadata<RoleRequirement>();
        if (requirement is { Role: null })
        {
            return next(context);
        }

        var caller = Identify(context) ?? throw Unknown(context);
        if (requirement is null || !caller.May(requirement.Role!.Value))
        {
            HostLog.Refused(logger, context.Request.Method, context.Request.Path, $"{caller.Name} is {SettingName.OfProperty(caller.Role.ToString())}");
            throw new HostException(ErrorCodes.Forbidden, $"{context.Request.Method} {context.Request.Path} takes the role {SettingName.OfProperty(requirement?.Role.ToString() ?? "nobody")}, and {caller.Name} has {SettingName.OfProperty(caller.Role.ToString())}. Use another key or certificate.");
        }

        context.Features.Set(caller);
        return next(context);
    }

    private Caller? Identify(HttpContext context)
    {
        var authorization = context.Request.Headers.Authorization;
        return callers.Identify(authorization.Count == 0 ? null : authorization.ToString(), context.Connection.ClientCertificate);
    }

    private HostException Unknown(HttpContext context)
    {
        HostLog.Refused(logger, context.Request.Method, context.Request.Path, $"a caller from {context.Connection.RemoteIpAddress} is not known");
        return new HostException(ErrorCodes.Unauthenticated, "the request does not say who makes it, or not validly. Send 'Authorization: Bearer KEY' with an API key of this node, or use a client certificate that it knows.");
    }
}
