using Fuser.Host.Configuration;
using Fuser.Host.Node;
using Fuser.Host.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fuser.Host.Http;

/// <summary>What a node says about itself: devices, nodes, counters, metrics.</summary>
internal sealed class InspectionEndpoints(FuserNode node, INodeDirectory directory, PrometheusExporter metrics)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/v1/devices", DevicesAsync).Require(Role.Read);
        endpoints.MapGet("/v1/nodes", NodesAsync).Require(Role.Read);
        endpoints.MapGet("/v1/statistics", StatisticsAsync).Require(Role.Read);
        endpoints.MapGet("/metrics", MetricsAsync).Require(Role.Read);
    }

    private async Task DevicesAsync(HttpContext context)
    {
        var devices = await node.Fuser.GetDevicesAsync(context.RequestAborted).ConfigureAwait(false);
        await Json.WriteAsync(context, new DevicesContract(devices.Select(device => new DeviceContract(device.Name, device.IsAvailable, device.Description))), Json.Contracts.DevicesContract).ConfigureAwait(false);
    }

    private async Task NodesAsync(HttpContext context) =>
        await Json.WriteAsync(context, new NodesContract(await directory.NodesAsync(context.RequestAborted).ConfigureAwait(false)), Json.Contracts.NodesContract).ConfigureAwait(false);

    private async Task StatisticsAsync(HttpContext context)
    {
        var runtime = await node.Fuser.GetStatisticsAsync(context.RequestAborted).ConfigureAwait(false);
        var (done, failed, refused) = node.Telemetry.Requests;
        await Json.WriteAsync(
            context,
            new StatisticsContract(node.Name, node.Uptime.TotalSeconds, new RequestsContract(done, failed, refused), SingleNodeDirectory.Load(node), node.Graphs.Count, node.Graphs.Evicted, runtime),
            Json.Contracts.StatisticsContract).ConfigureAwait(false);
    }

    private Task MetricsAsync(HttpContext context)
    {
        context.Response.ContentType = PrometheusExporter.ContentType;
        return context.Response.WriteAsync(metrics.Collect(), context.RequestAborted);
    }
}
