using System.Net;
using System.Text;
using Fuser.Host.Tests.Npy;
using Fuser.Host.Tests.Npz;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Tests.Http;

/// <summary>Bodies made to hurt. Each gets a problem of its caller's own, takes little memory, and the node goes on.</summary>
[Collection(Alone.Name)]
public sealed class HostileBodyTests : IAsyncLifetime
{
    private const long MaxBytesTaken = 40 << 20;

    private static readonly byte[] Good = NpyBytes.File(NpyBytes.Header("<f4", "(3,)"), NpyBytes.LittleEndian(1f, 2f, 3f));

    private TestNode _node = null!;
    private string _key = "";

    public async Task InitializeAsync()
    {
        _node = await TestNode.StartAsync("limits.max-body-bytes = 32MiB", listens: true);
        _key = await _node.RegisterAsync(Graphs.Add);
    }

    public async Task DisposeAsync()
    {
        var outputs = await _node.RunAsync(_key, TestNode.Npz(("x", NdArray.From([-1f, 2f])), ("y", NdArray.From([1f, 1f]))));
        outputs[0].ToArray<float>().ShouldBe([1f, 3f]);
        var load = (await _node.GetAsync("/v1/statistics")).GetProperty("load");
        load.GetProperty("memory_used").GetInt64().ShouldBe(0);
        load.GetProperty("open").GetInt32().ShouldBe(0);
        await _node.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_zip_bomb(bool descriptor)
    {
        // More than a request may unpack to, and less than that but suspiciously much for its size.
        var large = ZipBytes.Of(new ZipPart("x.npy", ZipBytes.Zeros("<f4", "(15000000,)", 60_000_000)) { Deflated = true, Descriptor = descriptor });
        await RefusedAsync(large, 413, ErrorCodes.RequestTooLarge, descriptor ? "fuser.limits.max-body-bytes" : "200 times");
        var small = ZipBytes.Of(new ZipPart("x.npy", ZipBytes.Zeros("<f4", "(8000000,)", 32_000_000)) { Deflated = true, Descriptor = descriptor });
        await RefusedAsync(small, 413, ErrorCodes.RequestTooLarge, "200 times");
    }

    [Theory]
    [InlineData("zz\r\nabc")]
    [InlineData("-1\r\nabc")]
    [InlineData(";\r\n")]
    [InlineData("3\r\nabcd\r\n")]
    [InlineData("80000000\r\nabc")]
    [InlineData("ffffffff\r\nabc")]
    [InlineData("ffffffffffffffffff\r\nabc")]
    [InlineData("0\r\nno trailer\r\n\r\n")]
    public async Task Pieces_that_are_none(string body)
    {
        foreach (var path in new[] { "/v1/graphs", $"/v1/graphs/{_key}/run" })
        {
            var answer = await RawSocket.AskAsync(_node.Client.BaseAddress!.Port, $"POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
            answer.ShouldStartWith("HTTP/1.1 400 ");
            answer.ShouldContain(ErrorCodes.BadRequest);
        }
    }

    [Theory]
    [InlineData("/v1/graphs/%1b%5b31m%0a%E2%80%AE/run")]
    [InlineData("/v1/graphs/KEY/run?device=%1b%5b31m%0a")]
    [InlineData("/v1/graphs/KEY/run?seed=%1b%0a")]
    [InlineData("/v1/graphs/KEY/run?%1b%0a=1")]
    public async Task Text_that_steers_terminals_is_written_as_its_codes(string path)
    {
        using var answer = await _node.Client.PostAsync(path.Replace("KEY", _key), TestNode.Npz(("x", NdArray.Scalar(1f)), ("y", NdArray.Scalar(1f))));
        ((int)answer.StatusCode).ShouldBeInRange(400, 404);
        var detail = (await answer.JsonAsync(answer.StatusCode)).GetProperty("detail").GetString()!;
        detail.ShouldContain("\\u001b");
        detail.ShouldAllBe(c => !char.IsControl(c) && c != '\u202e');
    }

    [Fact]
    public async Task An_archive_that_ends_early()
    {
        var whole = ZipBytes.Of(new ZipPart("x.npy", Good), new ZipPart("y.npy", Good));
        foreach (var length in new[] { 0, 1, 4, 29, 30, 60, 150, whole.Length / 2, whole.Length - 22, whole.Length - 1 })
        {
            await RefusedAsync(whole[..length], 400, ErrorCodes.FileFormat);
        }
    }

    [Theory]
    [InlineData("../../etc/passwd.npy")]
    [InlineData("/etc/passwd.npy")]
    [InlineData("a\\b.npy")]
    [InlineData("C:x.npy")]
    public Task A_name_that_is_a_path(string name) => RefusedAsync(ZipBytes.Of(new ZipPart(name, Good)), 400, ErrorCodes.FileFormat, "wanted the name of an input");

    [Fact]
    public async Task Names_that_come_twice_or_that_nobody_takes()
    {
        await RefusedAsync(ZipBytes.Of(new ZipPart("x.npy", Good), new ZipPart("x.npy", Good)), 422, ErrorCodes.InputCount, "is there twice");
        await RefusedAsync(ZipBytes.Of(new ZipPart("x.npy", Good), new ZipPart("in_0.npy", Good)), 422, ErrorCodes.InputCount, "is there twice");
        await RefusedAsync(ZipBytes.Of([.. Enumerable.Range(0, 10_000).Select(i => new ZipPart($"n{i}.npy", Good))]), 422, ErrorCodes.InputCount, "no input 'n0'");
    }

    [Theory]
    [InlineData("<f8", "(1000000000000000000,)")]
    [InlineData("|u1", "(1000000000, 1000000000)")]
    [InlineData("<f4", "(4294967296, 4294967296, 4294967296)")]
    [InlineData("<f4", "(2000000000,)")]
    public async Task More_elements_than_anybody_has(string type, string shape) =>
        await RefusedAsync(ZipBytes.Of(new ZipPart("x.npy", ZipBytes.Zeros(type, shape, 64)) { Descriptor = true }), 413, null);

    [Theory]
    [InlineData("|O", ErrorCodes.FileFormat)]
    [InlineData("<U8", ErrorCodes.InputDType)]
    [InlineData("<c16", ErrorCodes.InputDType)]
    [InlineData("<M8[s]", ErrorCodes.InputDType)]
    [InlineData("[('a', '<f4')]", ErrorCodes.FileFormat)]
    [InlineData("x", ErrorCodes.InputDType)]
    public Task Elements_that_are_no_numbers(string type, string code) =>
        RefusedAsync(ZipBytes.Of(new ZipPart("x.npy", ZipBytes.Zeros(type, "(1,)", 64))), code == ErrorCodes.FileFormat ? 400 : 422, code);

    [Fact]
    public async Task A_graph_that_is_too_long()
    {
        // The text is there before: what its caller takes for it is not the node's.
        var text = Encoding.UTF8.GetBytes("graph(%x : Tensor):\n" + new string('#', 10_000_000));
        foreach (var content in new HttpContent[] { new ByteArrayContent(text), new Unmeasured(text) })
        {
            await WithLittleMemoryAsync(() => _node.Client.PostAsync("/v1/graphs", content).ShouldBeProblemAsync(413, ErrorCodes.RequestTooLarge, "fuser.limits.max-graph-bytes"));
        }
    }

    [Fact]
    public async Task Graphs_of_nothing_but_structure()
    {
        await WithLittleMemoryAsync(() => _node.PostGraphAsync($"graph(%x : {string.Concat(Enumerable.Repeat("List[", 100_000))}").ShouldBeProblemAsync(413, ErrorCodes.GraphLimit));
        await _node.PostGraphAsync("graph(" + string.Concat(Enumerable.Repeat("(", 1_000_000))).ShouldBeProblemAsync(400, ErrorCodes.GraphSyntax);
    }

    [Fact]
    public async Task A_body_that_says_it_is_larger_than_allowed()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/graphs/{_key}/run") { Content = new ByteArrayContent(new byte[(32 << 20) + 1]) };
        request.Headers.ExpectContinue = true;
        await _node.Client.SendAsync(request).ShouldBeProblemAsync(413, ErrorCodes.RequestTooLarge, "fuser.limits.max-body-bytes");
    }

    private async Task RefusedAsync(byte[] body, int status, string? code, params string[] parts)
    {
        await WithLittleMemoryAsync(async () =>
        {
            if (code is not null)
            {
                await _node.PostRunAsync(_key, new ByteArrayContent(body)).ShouldBeProblemAsync(status, code, parts);
                return;
            }

            using var answer = await _node.PostRunAsync(_key, new ByteArrayContent(body));
            answer.StatusCode.ShouldBe((HttpStatusCode)status);
        });
    }

    private static async Task WithLittleMemoryAsync(Func<Task> work)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await work();
        (GC.GetTotalAllocatedBytes(precise: true) - before).ShouldBeLessThan(MaxBytesTaken);
    }

    /// <summary>A body sent in pieces, without its length: how long it is is found out on the way.</summary>
    private sealed class Unmeasured(byte[] bytes) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(bytes).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
