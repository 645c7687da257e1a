using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.Json;
using Fuser.Actors.TestKit;
using Fuser.Host.Http;
using Fuser.Host.Npz;
using Fuser.Host.Tests.Configuration;
using Fuser.Host.Tests.Npz;
using Fuser.Kernels.Tensors;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Fuser.Host.Tests.Http;

/// <summary>A node of one test's own: behind a server in memory, or listening on loopback.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private TestNode(HttpNode node, HttpClient client)
    {
        Http = node;
        Client = client;
    }

    public HttpNode Http { get; }

    public HttpClient Client { get; }

    /// <param name="settings">Lines below <c>fuser</c>.</param>
    /// <param name="variables">Environment variables.</param>
    /// <param name="listens">Whether on a port of loopback.</param>
    public static async Task<TestNode> StartAsync(string settings = "", (string Name, string Value)[]? variables = null, bool listens = false, Action<WebApplicationBuilder>? host = null)
    {
        var options = Settings.Load($"fuser {{ node.name = \"{Guid.NewGuid():n}\", node.drain-notice = 0s, http.url = \"http://127.0.0.1:0\", telemetry.log-level = none, runtime {{ ask-timeout = 15 minutes, compile-timeout = 15 minutes }} }}\nfuser {{\n{settings}\n}}");
        var node = HttpNode.Create(options, (variables ?? []).ToDictionary(variable => variable.Name, variable => variable.Value), builder =>
        {
            if (!listens)
            {
                builder.WebHost.UseTestServer();
            }

            host?.Invoke(builder);
        });
        await node.StartAsync();
        var client = listens
            ? new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(node.Addresses.ShouldHaveSingleItem()) }
            : ((TestServer)node.Services.GetRequiredService<IServer>()).CreateClient();
        client.Timeout = ActorTestKit.HangLimit;
        return new TestNode(node, client);
    }

    public async Task<string> RegisterAsync(string graph)
    {
        using var answer = await PostGraphAsync(graph);
        return (await answer.JsonAsync(HttpStatusCode.Created, HttpStatusCode.OK)).GetProperty("key").GetString()!;
    }

    public Task<HttpResponseMessage> PostGraphAsync(string graph) => Client.PostAsync("/v1/graphs", new StringContent(graph, Encoding.UTF8));

    public Task<HttpResponseMessage> PostRunAsync(string key, HttpContent body, string query = "") => Client.PostAsync($"/v1/graphs/{key}/run{query}", body);

    /// <summary>Runs a graph; that must succeed.</summary>
    public async Task<NdArray[]> RunAsync(string key, HttpContent body, string query = "")
    {
        using var answer = await PostRunAsync(key, body, query);
        return await answer.ArraysAsync();
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Client.GetAsync(path);
        return await answer.JsonAsync(HttpStatusCode.OK);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Http.DisposeAsync();
    }

    /// <summary>Arrays as a body.</summary>
    public static ByteArrayContent Npz(params (string Name, NdArray Array)[] arrays)
    {
        using var stream = new MemoryStream();
        var pipe = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        new NpzWriter(arrays.Select(array => new NpzArray(array.Name, array.Array))).WriteAsync(pipe, default).IsCompletedSuccessfully.ShouldBeTrue();
        pipe.Complete();
        return new ByteArrayContent(stream.ToArray());
    }
}

/// <summary>What tests ask of answers.</summary>
internal static class AnswerExtensions
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage answer, params HttpStatusCode[] statuses)
    {
        var text = await answer.Content.ReadAsStringAsync();
        statuses.ShouldContain(answer.StatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    public static async Task<NdArray[]> ArraysAsync(this HttpResponseMessage answer)
    {
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, answer.IsSuccessStatusCode ? "" : await answer.Content.ReadAsStringAsync());
        var arrays = await NpzReader.ReadAsync(await answer.Content.ReadAsStreamAsync(), new Audience(1L << 30), default);
        arrays.Select(array => array.Name).ShouldBe(arrays.Select((_, i) => $"out_{i}"));
        return [.. arrays.Select(array => array.Array)];
    }

    /// <summary>That it is a problem by RFC 9457 with this status and code, and says these things.</summary>
    public static async Task<JsonElement> ShouldBeProblemAsync(this Task<HttpResponseMessage> request, int status, string code, params string[] parts)
    {
        using var answer = await request;
        var problem = await answer.JsonAsync((HttpStatusCode)status);
        answer.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        problem.GetProperty("code").GetString().ShouldBe(code, problem.ToString());
        problem.GetProperty("status").GetInt32().ShouldBe(status);
        problem.GetProperty("type").GetString().ShouldBe($"urn:fuser:error:{code.ToLowerInvariant()}");
        problem.GetProperty("title").GetString().ShouldNotBeNullOrEmpty();
        foreach (var part in parts)
        {
            problem.GetProperty("detail").GetString()!.ShouldContain(part);
        }

        (answer.Headers.RetryAfter is not null).ShouldBe(status is 429 or 503);
        return problem;
    }
}
