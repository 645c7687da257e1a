using Fuser.Host.Configuration;
using Fuser.Kernels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Fuser.Host.Http;

/// <summary>The body of a request, up to a size and for a time.</summary>
internal sealed class RequestBody : Stream
{
    private readonly HttpContext _context;
    private readonly long _limit;
    private readonly string _setting;
    private readonly TimeSpan _timeout;
    private readonly CancellationTokenSource _deadline;
    private readonly CancellationTokenSource _linked;

    private RequestBody(HttpContext context, long limit, string setting, TimeSpan timeout, TimeProvider time)
    {
        _context = context;
        _limit = limit;
        _setting = setting;
        _timeout = timeout;
        _deadline = new CancellationTokenSource(timeout, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token, context.RequestAborted);
    }

    /// <summary>Bytes read so far.</summary>
    public long Received { get; private set; }

    /// <summary>Cancelled when the time is over or the caller is gone.</summary>
    public CancellationToken Cancellation => _linked.Token;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Opens a body. Nothing of it is asked for when it says itself that it is too large.</summary>
    /// <param name="setting">Name of the limit, for errors.</param>
    /// <exception cref="HostException">It is too large, or encoded.</exception>
    public static RequestBody Open(HttpContext context, long limit, string setting, TimeSpan timeout, TimeProvider time)
    {
        if (context.Request.Headers.ContentEncoding.Count > 0)
        {
            throw new HostException(ErrorCodes.BadRequest, $"the body has the encoding '{OutsideText.Shown(context.Request.Headers.ContentEncoding.ToString())}', which is not taken. Send it as it is; numpy.savez_compressed compresses inside.");
        }

        if (context.Request.ContentLength > limit)
        {
            throw TooLarge(limit, setting);
        }

        // The server's own limit would stop larger bodies than usual, and let larger graphs in than wanted.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
        {
            feature.MaxRequestBodySize = null;
        }

        return new RequestBody(context, limit, setting, timeout, time);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var read = await _context.Request.Body.ReadAsync(buffer, Cancellation).ConfigureAwait(false);
            Received += read;
            return Received <= _limit ? read : throw TooLarge(_limit, _setting);
        }
        catch (OperationCanceledException error) when (_deadline.IsCancellationRequested && !_context.RequestAborted.IsCancellationRequested)
        {
            throw new HostException(ErrorCodes.RequestTimeout, $"{Received} bytes of the body arrived in {_timeout.TotalSeconds:0.#} s, and not its end. Send it faster, or raise fuser.limits.body-timeout.", error);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _linked.Dispose();
            _deadline.Dispose();
        }

        base.Dispose(disposing);
    }

    private static HostException TooLarge(long limit, string setting) =>
        new(ErrorCodes.RequestTooLarge, $"the body is larger than {limit} bytes. Split the work, or raise {setting}.");
}
