using System.Collections.Concurrent;
using Fuser.Host.Configuration;
using Fuser.Host.Tests.Http;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Fuser.Host.Tests.Telemetry;

public sealed class OpenTelemetryExportTests : IDisposable
{
    private readonly TemporaryDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData("", new[] { "/v1/metrics", "/v1/traces" })]
    [InlineData("traces = false", new[] { "/v1/metrics" })]
    [InlineData("metrics = false", new[] { "/v1/traces" })]
    [InlineData("sampling-ratio = 0, metrics = false", new string[0])]
    public async Task Traces_and_metrics_reach_a_collector_with_its_headers(string settings, string[] expected)
    {
        var received = new ConcurrentDictionary<string, string>();
        await using var collector = await CollectorAsync(received);
        var headers = _temporary.Text("headers", "authorization=Bearer token\nx-tenant=a\n");
        await using (var node = await TestNode.StartAsync(
            $"telemetry.otlp {{ endpoint = \"{collector.Urls.Single()}\", protocol = http-protobuf, headers-file = \"{headers}\"\n{settings} }}"))
        {
            var key = await node.RegisterAsync(Graphs.Add);
            await node.RunAsync(key, TestNode.Npz(("x", NdArray.From([1f])), ("y", NdArray.From([1f]))));
        }

        // The end of a node sends what it has.
        received.Keys.Order().ShouldBe(expected);
        received.Values.ShouldAllBe(authorization => authorization == "Bearer token");
    }

    [Theory]
    [InlineData("no equals sign")]
    [InlineData("a=1,b=2")]
    [InlineData("=1")]
    public async Task Headers_that_cannot_be_sent_stop_the_start_without_being_shown(string text)
    {
        var headers = _temporary.Text("headers", "ok=1\n" + text);
        var error = await Should.ThrowAsync<HostException>(TestNode.StartAsync($"telemetry.otlp {{ endpoint = \"http://127.0.0.1:1\", headers-file = \"{headers}\" }}"));
        error.Code.ShouldBe(ErrorCodes.ConfigurationValue);
        error.Message.ShouldContain("header 2");
        error.Message.ShouldNotContain(text);
    }

    private static async Task<WebApplication> CollectorAsync(ConcurrentDictionary<string, string> received)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var collector = builder.Build();
        collector.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            received[context.Request.Path] = context.Request.Headers.Authorization.ToString();
        });
        await collector.StartAsync();
        return collector;
    }
}
