using System.Text;
using Fuser.Host.Configuration;
using Fuser.Host.Node;
using Fuser.Host.Security;
using Fuser.Kernels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Fuser.Host.Http;

/// <summary>Graphs: registering, listing, looking at, and removing them.</summary>
internal sealed class GraphEndpoints(FuserNode node, ILogger<GraphEndpoints> logger)
{
    private const int PieceBytes = 16 << 10;

    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/v1/graphs", RegisterAsync).Require(Role.Run);
        endpoints.MapGet("/v1/graphs", ListAsync).Require(Role.Read);
        endpoints.MapGet("/v1/graphs/{key}", ShowAsync).Require(Role.Read);
        endpoints.MapDelete("/v1/graphs/{key}", RemoveAsync).Require(Role.Administer);
        endpoints.MapDelete("/v1/kernels", ClearKernelsAsync).Require(Role.Administer);
    }

    private Task RegisterAsync(HttpContext context) => WorkRequest.DoAsync(context, node, async ticket =>
    {
        var text = await ReadTextAsync(context, ticket).ConfigureAwait(false);
        var (graph, isNew) = await node.RegisterAsync(ticket, text, context.RequestAborted).ConfigureAwait(false);
        context.Response.StatusCode = isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        context.Response.Headers.Location = $"/v1/graphs/{graph.Key}";
        await Json.WriteAsync(context, new GraphCreatedContract(graph.Key, isNew, Inputs(graph), Outputs(graph)), Json.Contracts.GraphCreatedContract).ConfigureAwait(false);
    });

    private Task ListAsync(HttpContext context) => Json.WriteAsync(
        context,
        new GraphsContract(node.Graphs.All.Select(graph => new GraphSummaryContract(graph.Key, graph.Registered, Inputs(graph), graph.Outputs.Length, Counters(graph.Snapshot.Counters)))),
        Json.Contracts.GraphsContract);

    private Task ShowAsync(HttpContext context)
    {
        var graph = node.Find(Key(context));
        var (counters, last) = graph.Snapshot;
        var run = last is null ? null : new LastRunContract(
            last.Inputs,
            last.Steps,
            last.Kernels.Select(kernel => new KernelContract(kernel.Group, kernel.Operations, kernel.Key, kernel.Target, Milliseconds(kernel.CompileTime), kernel.Cached, kernel.WhyOnHost)),
            last.Fallbacks.Select(fallback => new NotFusedContract(fallback.Where, fallback.Reason)),
            Milliseconds(last.RunTime));
        return Json.WriteAsync(context, new GraphContract(graph.Key, graph.Registered, Inputs(graph), Outputs(graph), Counters(counters), run, graph.Text), Json.Contracts.GraphContract);
    }

    private Task RemoveAsync(HttpContext context)
    {
        var graph = node.Find(Key(context));
        node.Graphs.Remove(graph.Key);
        HostLog.Removed(logger, context.Features.Get<Caller>()!.Name, $"graph {graph.Key}");
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private async Task ClearKernelsAsync(HttpContext context)
    {
        await node.Fuser.ClearAsync(context.RequestAborted).ConfigureAwait(false);
        HostLog.Removed(logger, context.Features.Get<Caller>()!.Name, "all compiled kernels");
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    internal static string Key(HttpContext context) => (string)context.Request.RouteValues["key"]!;

    private static IEnumerable<ValueContract> Inputs(NodeGraph graph) => graph.Graph.Inputs.Select(input => new ValueContract(input.Name, GraphIdentity.KindOf(input.Type)));

    private static IEnumerable<ValueContract> Outputs(NodeGraph graph) => graph.Outputs.Select((kind, i) => new ValueContract($"out_{i}", kind));

    private static CountersContract Counters(GraphCounters counters) => new(counters.Runs, counters.FallbackRuns, counters.Failures, counters.RunTime.TotalSeconds);

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 4);

    /// <summary>The body as text, which may not be longer than a graph may be. Its memory is promised as it comes: its bytes, and two for each of its characters.</summary>
    private async Task<string> ReadTextAsync(HttpContext context, WorkTicket ticket)
    {
        using var body = RequestBody.Open(context, ticket, node.Limits.MaxGraphBytes, "fuser.limits.max-graph-bytes");
        using var bytes = new MemoryStream();
        var buffer = new byte[PieceBytes];
        while (await body.ReadAsync(buffer, body.Cancellation).ConfigureAwait(false) is > 0 and var read)
        {
            ticket.Claim(3L * read);
            bytes.Write(buffer, 0, read);
        }

        try
        {
            return new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
        }
        catch (DecoderFallbackException error)
        {
            throw new InputException(ErrorCodes.FileFormat, $"the body is not text in UTF-8 (byte {error.Index}). Send the text that str(fn.graph) prints.", error);
        }
    }
}
