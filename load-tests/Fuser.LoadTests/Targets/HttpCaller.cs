using System.Net.Sockets;
using System.Text.Json;
using Fuser.LoadTests.Generation;

namespace Fuser.LoadTests.Targets;

/// <summary>Calls a node over HTTP with one array, each time with another factor.</summary>
internal sealed class HttpCaller : IDisposable
{
    private const int K = 7;

    private readonly HttpClient _client;
    private readonly TimeSpan _deadline;
    private readonly float[] _x;
    private readonly string _path;

    private HttpCaller(HttpClient client, TimeSpan deadline, float[] x, NpzBody body, string path) => (_client, _deadline, _x, Body, _path) = (client, deadline, x, body, path);

    /// <summary>What it sends.</summary>
    public NpzBody Body { get; }

    /// <summary>Where to.</summary>
    public Uri Address => new(_client.BaseAddress!, _path);

    /// <param name="elements">Of the array in the body, four bytes each.</param>
    /// <param name="deadline">How long a request may take; then it ends in an error.</param>
    /// <param name="query">As <c>?device=opencl</c>.</param>
    /// <param name="receiveBuffer">Bytes that the system may hold for a connection; null for its own choice.</param>
    public static async Task<HttpCaller> CreateAsync(Uri node, int elements, TimeSpan deadline, CancellationToken cancellationToken, string query = "", int? receiveBuffer = null)
    {
        var handler = new SocketsHttpHandler { MaxConnectionsPerServer = 512 };
        if (receiveBuffer is { } bytes)
        {
            handler.ConnectCallback = (context, token) => ConnectAsync(context, bytes, token);
        }

        var client = new HttpClient(handler) { BaseAddress = node, Timeout = Timeout.InfiniteTimeSpan };
        using var text = new StringContent(ScaleGraph.Text(K));
        using var registered = await client.PostAsync("/v1/graphs", text, cancellationToken).ConfigureAwait(false);
        registered.EnsureSuccessStatusCode();
        using var json = JsonDocument.Parse(await registered.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false));
        var x = ScaleGraph.Data(elements);
        return new HttpCaller(client, deadline, x, await NpzBody.CreateAsync(x, cancellationToken).ConfigureAwait(false), $"/v1/graphs/{json.RootElement.GetProperty("key").GetString()}/run{query}");
    }

    public Task<Outcome> CallAsync(LoadRequest request, CancellationToken cancellationToken) => CallAsync(request, static body => body, cancellationToken);

    /// <param name="through">Wraps the answer, such as in a stream that is read slowly.</param>
    public async Task<Outcome> CallAsync(LoadRequest request, Func<Stream, Stream> through, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_deadline);
        var s = ScaleGraph.FactorOf(request.Number);
        using var message = new HttpRequestMessage(HttpMethod.Post, _path) { Content = Body.With(s) };
        using var response = await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(limit.Token).ConfigureAwait(false)}", null, response.StatusCode);
        }

        var body = through(await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false));
        await using (body.ConfigureAwait(false))
        {
            var arrays = await NpzArrays.ReadAsync(body, limit.Token).ConfigureAwait(false);
            request.Answered();
            return arrays.Count == 1 && ScaleGraph.IsRight([arrays[0].Array], _x, s, K) ? Outcome.Right : Outcome.Wrong;
        }
    }

    public void Dispose() => _client.Dispose();

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, int receiveBuffer, CancellationToken cancellationToken)
    {
        // Set before it connects: afterwards the window has been agreed on.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = receiveBuffer, NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
