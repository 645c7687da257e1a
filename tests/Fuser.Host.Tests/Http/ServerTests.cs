using System.Net;
using System.Net.Sockets;
using Fuser.Host.Configuration;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Http;

/// <summary>What only shows with a server that listens.</summary>
[Collection(Alone.Name)]
public sealed class ServerTests
{
    [Fact]
    public async Task Arrays_are_streamed_in_and_out_with_one_copy_of_each_in_memory()
    {
        const int Elements = 16 << 20;
        const long Bytes = 4L * Elements;
        await using var node = await TestNode.StartAsync(listens: true);
        var key = await node.RegisterAsync("graph(%x : Tensor):\n  %1 : Tensor = aten::neg(%x)\n  return (%1)");
        await node.RunAsync(key, TestNode.Npz(("x", NdArray.From([1f]))));
        var body = TestNode.Npz(("x", NdArray.From(new float[Elements])));

        var before = GC.GetTotalAllocatedBytes(precise: true);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/graphs/{key}/run") { Content = body };
        using var answer = await node.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentLength!.Value.ShouldBeInRange(Bytes, Bytes + 1000);
        await answer.Content.CopyToAsync(Stream.Null);

        // The input's array and the output's; buffers of server and client beside them.
        (GC.GetTotalAllocatedBytes(precise: true) - before).ShouldBeInRange(2 * Bytes, (2 * Bytes) + (24 << 20));
    }

    [Fact]
    public async Task Http_2_is_spoken_without_tls_when_both_sides_know()
    {
        await using var node = await TestNode.StartAsync("http.versions = http2", listens: true);
        node.Client.DefaultRequestVersion = HttpVersion.Version20;
        node.Client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        var key = await node.RegisterAsync(Graphs.Add);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => node.RunAsync(key, TestNode.Npz(("x", NdArray.Scalar((float)i)), ("y", NdArray.Scalar(1f))))));
        answers.Select(outputs => outputs[0].ToArray<float>()[0]).ShouldBe(Enumerable.Range(0, 20).Select(i => i + 1f));
    }

    [Fact]
    public async Task An_address_that_is_taken_is_said_so()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var error = await Should.ThrowAsync<HostException>(TestNode.StartAsync($"http.url = \"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}\"", listens: true));
        error.Code.ShouldBe(ErrorCodes.AddressUnavailable);
        error.Message.ShouldContain("--http");
    }

    [Fact]
    public async Task A_request_that_breaks_off_gives_its_place_back()
    {
        await using var node = await TestNode.StartAsync(listens: true);
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, node.Client.BaseAddress!.Port);
            await client.GetStream().WriteAsync("POST /v1/graphs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\ngraph"u8.ToArray());
            await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.Open == 1);
        }

        await Eventually.ShouldBeAsync(() => node.Http.Node.Gate.Open == 0);
        node.Http.Node.Telemetry.Requests.ShouldBe((0L, 1L, 0L));
    }
}
