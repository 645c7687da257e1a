using System.Collections.Concurrent;
using System.Diagnostics;
using Fuser.Host.Tests.Http;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Telemetry;

public sealed class TraceTests
{
    [Fact]
    public async Task One_trace_leads_from_the_caller_through_the_actors_to_the_launch()
    {
        var trace = ActivityTraceId.CreateRandom();
        var spans = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Microsoft.AspNetCore" or "fuser.node" or "Fuser" or "fuser.actors",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.TraceId == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (span.TraceId == trace)
                {
                    spans.Add(span);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var node = await TestNode.StartAsync(listens: true);
        var key = await node.RegisterAsync("graph(%x : Tensor):\n  %1 : Tensor = aten::tanh(%x)\n  return (%1)");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/graphs/{key}/run") { Content = TestNode.Npz(("x", NdArray.From([1f]))) };
        request.Headers.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
        using (await node.Client.SendAsync(request))
        {
            // The span of the request ends after the answer is out.
            await Eventually.ShouldBeAsync(() => spans.Any(span => span.OperationName == "Microsoft.AspNetCore.Hosting.HttpRequestIn"));
        }

        var names = spans.Select(span => span.DisplayName).ToList();
        foreach (var name in new[] { "POST /v1/graphs/{key}/run", "receive", "wait", "run", "resolve", "receive Register", "receive Warm", "receive Compile", "compile", "launch", "send" })
        {
            names.ShouldContain(name);
        }

        // Every span but the first has its parent in the trace.
        var ids = spans.Select(span => span.SpanId).ToHashSet();
        foreach (var span in spans)
        {
            (ids.Contains(span.ParentSpanId) || span.OperationName == "Microsoft.AspNetCore.Hosting.HttpRequestIn").ShouldBeTrue(span.DisplayName);
        }

        var root = spans.Single(span => span.OperationName == "Microsoft.AspNetCore.Hosting.HttpRequestIn");
        root.GetTagItem("http.response.status_code").ShouldBe(200);
    }
}
