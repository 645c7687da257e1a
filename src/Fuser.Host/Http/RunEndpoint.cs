using System.Diagnostics;
using System.Globalization;
using Fuser.Host.Configuration;
using Fuser.Host.Node;
using Fuser.Host.Npz;
using Fuser.Kernels.Tensors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Fuser.Host.Http;

/// <summary>Runs a graph: inputs come as .npz and are read straight into their arrays, results go out as .npz straight from theirs.</summary>
internal sealed class RunEndpoint(FuserNode node, HostOptions options)
{
    private static readonly TimeSpan LeastGrace = TimeSpan.FromSeconds(2);

    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapPost("/v1/graphs/{key}/run", RunAsync).Require(Role.Run);

    private async Task RunAsync(HttpContext context)
    {
        var graph = node.Find(GraphEndpoints.Key(context));
        var run = RunQuery.Parse(context.Request.Query, options.Runtime.Threads);
        await WorkRequest.DoAsync(context, node, async ticket =>
        {
            var start = Stopwatch.GetTimestamp();
            var inputs = await ReceiveAsync(context, graph, ticket).ConfigureAwait(false);
            var received = Stopwatch.GetTimestamp();
            var report = await node.RunAsync(ticket, graph, inputs, run, context.RequestAborted).ConfigureAwait(false);
            var turn = Stopwatch.GetElapsedTime(received);
            await SendAsync(
                context,
                new NpzWriter(report.Outputs.Select((array, i) => new NpzArray($"out_{i}", array))),
                Timing(("receive", Stopwatch.GetElapsedTime(start, received)), ("wait", turn - report.RunTime), ("run", report.RunTime))).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private async Task<FuserValue[]> ReceiveAsync(HttpContext context, NodeGraph graph, WorkTicket ticket)
    {
        using var activity = NodeTelemetry.Start("receive");
        using var body = RequestBody.Open(context, ticket, node.Limits.MaxBodyBytes, "fuser.limits.max-body-bytes");
        var inputs = await NpzInputs.ReadAsync(body, graph.Graph, node.Limits.MaxExpansion, Claim, body.Cancellation).ConfigureAwait(false);
        activity?.SetTag("fuser.bytes", body.Received);
        return inputs;

        // Who does not say how much there is to come is taken at the word of the arrays.
        void Claim(long bytes)
        {
            ticket.ClaimInputs(bytes);
            ticket.Reception!.Expect(context.Request.ContentLength is null ? bytes : 0);
        }
    }

    private async Task SendAsync(HttpContext context, NpzWriter results, string timing)
    {
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } pace)
        {
            pace.MinDataRate = new MinDataRate(Math.Max(node.Limits.MinBodyRate, results.Length / node.Limits.BodyTimeout.TotalSeconds), Longer(node.Limits.BodyGrace));
        }

        using var activity = NodeTelemetry.Start("send")?.SetTag("fuser.bytes", results.Length);
        context.Response.ContentType = "application/zip";
        context.Response.ContentLength = results.Length;
        context.Response.Headers["Server-Timing"] = timing;
        await results.WriteAsync(context.Response.BodyWriter, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>The server looks once a second, and takes no grace below that.</summary>
    private static TimeSpan Longer(TimeSpan grace) => grace < LeastGrace ? LeastGrace : grace;

    private static string Timing(params (string Name, TimeSpan Time)[] parts) =>
        string.Join(", ", parts.Select(part => string.Create(CultureInfo.InvariantCulture, $"{part.Name};dur={Math.Max(0, part.Time.TotalMilliseconds):0.###}")));
}
