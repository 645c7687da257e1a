using System.Diagnostics;
using Fuser.Host.Configuration;
using Fuser.Host.Node;
using Fuser.Kernels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Fuser.Host.Http;

/// <summary>Every error leaves the node as a problem, also those that the server itself answers, and every request's span has its name.</summary>
internal sealed class ProblemMiddleware(RequestDelegate next, FuserNode node, HostOptions options, ILogger<ProblemMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (node.Gate.IsDraining && HttpProtocol.IsHttp11(context.Request.Protocol))
        {
            // A connection that is kept would be cut under the next request.
            context.Response.OnStarting(static response =>
            {
                ((HttpResponse)response).Headers.Connection = "close";
                return Task.CompletedTask;
            }, context.Response);
        }

        try
        {
            await next(context).ConfigureAwait(false);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
            {
                await AnswerStatusAsync(context).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller is gone; there is nobody to tell.
            HostLog.CallerGone(logger, context.Request.Path, error.GetType().Name);
            context.Abort();
        }
        catch (Exception error)
        {
            await AnswerAsync(context, error).ConfigureAwait(false);
        }
        finally
        {
            NameSpan(context);
        }
    }

    private async Task AnswerAsync(HttpContext context, Exception error)
    {
        var (status, code, detail) = Problem.Describe(error);
        if (status >= StatusCodes.Status500InternalServerError && error is not NodeBusyException)
        {
            HostLog.RequestFailed(logger, context.Request.Method, context.Request.Path, code, error);
            Activity.Current?.SetStatus(ActivityStatusCode.Error, code);
        }

        if (context.Response.HasStarted)
        {
            // A part of the results is out; an end that looks like success would be a lie.
            context.Abort();
            return;
        }

        context.Response.Clear();
        var retryAfter = status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable ? (error as NodeBusyException)?.RetryAfter ?? options.Limits.RetryAfter : (TimeSpan?)null;
        await Problem.WriteAsync(context, status, code, detail, retryAfter, error).ConfigureAwait(false);
    }

    private static Task AnswerStatusAsync(HttpContext context)
    {
        var status = context.Response.StatusCode;
        var request = context.Request;
        return Problem.WriteAsync(context, status, ErrorCodes.BadRequest, status switch
        {
            StatusCodes.Status404NotFound => $"there is nothing at {OutsideText.Shown(request.Path.ToString())}; docs/http.md lists the addresses.",
            StatusCodes.Status405MethodNotAllowed => $"{OutsideText.Shown(request.Path.ToString())} does not take {request.Method}; it takes {context.Response.Headers.Allow}.",
            StatusCodes.Status400BadRequest => $"the host '{OutsideText.Shown(request.Host.ToString())}' is not one that this node answers for.",
            _ => $"the request was refused with status {status}.",
        });
    }

    private static void NameSpan(HttpContext context)
    {
        if (Activity.Current is { IsAllDataRequested: true, OperationName: "Microsoft.AspNetCore.Hosting.HttpRequestIn" } span)
        {
            var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
            span.DisplayName = route is null ? context.Request.Method : $"{context.Request.Method} {route}";
            span.SetTag("http.request.method", context.Request.Method);
            span.SetTag("http.route", route);
            span.SetTag("http.response.status_code", context.Response.StatusCode);
            span.SetTag("url.path", context.Request.Path.Value);
        }
    }
}
