using Fuser.Host.Node;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Fuser.Host.Http;

/// <summary>
/// Health for whoever starts and stops nodes. Degraded is an answer with status 200: a node that has lost something still does what it can, and to kill it would
/// make things worse.
/// </summary>
internal sealed class HealthEndpoints(HealthCheckService health, NodeDrain drain)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/health/live", context => AnswerAsync(context, ActorsAnswer.Live)).OpenToAll();
        endpoints.MapGet("/health/ready", ReadyAsync).OpenToAll();
    }

    private async Task ReadyAsync(HttpContext context)
    {
        await AnswerAsync(context, ActorsAnswer.Ready).ConfigureAwait(false);
        if (context.Response.StatusCode != StatusCodes.Status200OK)
        {
            context.Response.OnCompleted(() =>
            {
                drain.Seen();
                return Task.CompletedTask;
            });
        }
    }

    private async Task AnswerAsync(HttpContext context, string tag)
    {
        var report = await health.CheckHealthAsync(check => check.Tags.Contains(tag), context.RequestAborted).ConfigureAwait(false);
        context.Response.StatusCode = report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        context.Response.Headers.CacheControl = "no-store";
        await Json.WriteAsync(
            context,
            new HealthContract(Text(report.Status), report.Entries.ToDictionary(entry => entry.Key, entry => new HealthPartContract(Text(entry.Value.Status), entry.Value.Description))),
            Json.Contracts.HealthContract).ConfigureAwait(false);
    }

    private static string Text(HealthStatus status) => status.ToString().ToLowerInvariant();
}
