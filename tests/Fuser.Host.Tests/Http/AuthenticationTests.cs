using System.Net;
using System.Net.Http.Headers;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Http;

public sealed class AuthenticationTests : IAsyncLifetime
{
    private static readonly (string Name, string Value)[] Keys = [("READER", "reader-0123456789"), ("RUNNER", "runner-0123456789"), ("ADMIN", "admin-0123456789x")];

    private TestNode _node = null!;

    public async Task InitializeAsync() => _node = await TestNode.StartAsync(
        "authentication.api-keys = [{ name = reader, key-variable = READER }, { name = runner, role = run, key-variable = RUNNER }, { name = admin, role = administer, key-variable = ADMIN }]",
        Keys);

    public async Task DisposeAsync() => await _node.DisposeAsync();

    [Theory]
    [InlineData("GET", "/v1/graphs", "reader")]
    [InlineData("GET", "/v1/graphs/KEY", "reader")]
    [InlineData("GET", "/v1/devices", "reader")]
    [InlineData("GET", "/v1/nodes", "reader")]
    [InlineData("GET", "/v1/statistics", "reader")]
    [InlineData("GET", "/metrics", "reader")]
    [InlineData("POST", "/v1/graphs", "runner")]
    [InlineData("POST", "/v1/graphs/KEY/run", "runner")]
    [InlineData("DELETE", "/v1/graphs/KEY", "admin")]
    [InlineData("DELETE", "/v1/kernels", "admin")]
    public async Task Each_address_has_a_least_role(string method, string path, string least)
    {
        var text = new StringContent(Graphs.Add);
        var key = (await (await SendAsync("POST", "/v1/graphs", "runner-0123456789", text)).JsonAsync(HttpStatusCode.Created)).GetProperty("key").GetString()!;
        path = path.Replace("KEY", key, StringComparison.Ordinal);
        HttpContent? Body() => method != "POST" ? null : path.EndsWith("run", StringComparison.Ordinal) ? TestNode.Npz(("x", NdArray.Scalar(1f)), ("y", NdArray.Scalar(1f))) : new StringContent(Graphs.Add);

        await SendAsync(method, path, null, Body()).ShouldBeProblemAsync(401, ErrorCodes.Unauthenticated, "Authorization: Bearer KEY");
        var isEnough = false;
        foreach (var (_, secret) in Keys)
        {
            isEnough |= secret.StartsWith(least, StringComparison.Ordinal);
            if (isEnough)
            {
                using var answer = await SendAsync(method, path, secret, Body());
                ((int)answer.StatusCode).ShouldBeOneOf(200, 204);
            }
            else
            {
                (await SendAsync(method, path, secret, Body()).ShouldBeProblemAsync(403, ErrorCodes.Forbidden, "takes the role")).ToString().ShouldNotContain(secret);
            }
        }
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Health_is_open_to_all(string path) => (await SendAsync("GET", path, null)).StatusCode.ShouldBe(HttpStatusCode.OK);

    [Theory]
    [InlineData("Bearer reader-012345678")]
    [InlineData("Bearer reader-01234567890")]
    [InlineData("Bearer READER-0123456789")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Basic cmVhZGVyOjA=")]
    [InlineData("reader-0123456789")]
    public async Task Nothing_but_a_whole_key_is_taken(string header)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/graphs");
        request.Headers.TryAddWithoutValidation("Authorization", header);
        using var answer = await _node.Client.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        answer.Headers.WwwAuthenticate.ShouldHaveSingleItem().Scheme.ShouldBe("Bearer");
    }

    [Fact]
    public async Task A_stranger_does_not_learn_what_is_there()
    {
        await SendAsync("GET", "/v1/nothing", null).ShouldBeProblemAsync(401, ErrorCodes.Unauthenticated);
        await SendAsync("PUT", "/v1/graphs", null).ShouldBeProblemAsync(401, ErrorCodes.Unauthenticated);
        await SendAsync("GET", "/v1/graphs/0123", null).ShouldBeProblemAsync(401, ErrorCodes.Unauthenticated);
        await SendAsync("PUT", "/v1/graphs", "reader-0123456789").ShouldBeProblemAsync(405, ErrorCodes.BadRequest);
        await SendAsync("GET", "/v1/nothing", "reader-0123456789").ShouldBeProblemAsync(404, ErrorCodes.BadRequest);
    }

    [Fact]
    public async Task A_page_in_a_browser_is_kept_out_of_a_node_without_keys()
    {
        await using var open = await TestNode.StartAsync();
        using (var foreign = new HttpRequestMessage(HttpMethod.Get, "/v1/graphs"))
        {
            foreign.Headers.Add("Origin", "https://example.org");
            await open.Client.SendAsync(foreign).ShouldBeProblemAsync(403, ErrorCodes.Forbidden, "web page");
        }

        using (var rebound = new HttpRequestMessage(HttpMethod.Get, "http://example.org/v1/graphs"))
        {
            await open.Client.SendAsync(rebound).ShouldBeProblemAsync(403, ErrorCodes.Forbidden, "localhost");
        }

        foreach (var host in new[] { "localhost:5080", "127.0.0.1", "[::1]:5080" })
        {
            (await open.Client.GetAsync($"http://{host}/v1/graphs")).StatusCode.ShouldBe(HttpStatusCode.OK, host);
        }

        // With keys, a proxy may hand on the name it is called by.
        using var proxied = new HttpRequestMessage(HttpMethod.Get, "http://fuser.example.org/v1/graphs");
        proxied.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "reader-0123456789");
        (await _node.Client.SendAsync(proxied)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, string? key, HttpContent? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = body };
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return await _node.Client.SendAsync(request);
    }
}
