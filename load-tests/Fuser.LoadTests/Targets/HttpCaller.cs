using System.Net.Http.Headers;
using System.Text.Json;
using Fuser.Host.Npz;
using Fuser.Kernels.Tensors;
using Fuser.LoadTests.Generation;

namespace Fuser.LoadTests.Targets;

/// <summary>Calls a node over HTTP with one body, again and again.</summary>
internal sealed class HttpCaller : IDisposable
{
    private readonly HttpClient _client;
    private readonly float[] _x;
    private readonly int _s;
    private readonly int _k;
    private readonly byte[] _body;
    private readonly string _path;

    private HttpCaller(HttpClient client, float[] x, int s, int k, byte[] body, string path) => (_client, _x, _s, _k, _body, _path) = (client, x, s, k, body, path);

    /// <param name="elements">Of the array in the body, four bytes each.</param>
    public static async Task<HttpCaller> CreateAsync(Uri node, int elements, CancellationToken cancellationToken)
    {
        var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 256 }) { BaseAddress = node, Timeout = TimeSpan.FromMinutes(2) };
        using var text = new StringContent(ScaleGraph.Text(7));
        using var registered = await client.PostAsync("/v1/graphs", text, cancellationToken).ConfigureAwait(false);
        registered.EnsureSuccessStatusCode();
        using var json = JsonDocument.Parse(await registered.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false));
        var key = json.RootElement.GetProperty("key").GetString();
        var x = ScaleGraph.Data(elements);
        var writer = new NpzWriter([new NpzArray("x", NdArray.From(x)), new NpzArray("s", NdArray.Scalar(3.0))]);
        using var body = new MemoryStream();
        var pipe = System.IO.Pipelines.PipeWriter.Create(body);
        await writer.WriteAsync(pipe, cancellationToken).ConfigureAwait(false);
        await pipe.CompleteAsync().ConfigureAwait(false);
        return new HttpCaller(client, x, 3, 7, body.ToArray(), $"/v1/graphs/{key}/run");
    }

    public async Task<Outcome> CallAsync(CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(_body) { Headers = { ContentType = new MediaTypeHeaderValue("application/zip") } };
        using var response = await _client.PostAsync(_path, content, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"status {(int)response.StatusCode}");
        }

        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var arrays = await NpzReader.ReadAsync(body, new Everything(), cancellationToken).ConfigureAwait(false);
        return arrays.Length == 1 && ScaleGraph.IsRight([arrays[0].Array], _x, _s, _k) ? Outcome.Right : Outcome.Wrong;
    }

    public void Dispose() => _client.Dispose();

    private sealed class Everything : INpzAudience
    {
        public int MaxExpansion => 2000;

        public void Claim(long bytes)
        {
        }

        public void Accept(string name)
        {
        }
    }
}
