using Fuser.Host.Configuration;
using Fuser.Host.Node;
using Fuser.Kernels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Fuser.Host.Http;

/// <summary>The body of a request, up to a size and at a pace.</summary>
internal sealed class RequestBody : Stream
{
    private readonly HttpContext _context;
    private readonly long _limit;
    private readonly string _setting;
    private readonly Reception _reception;
    private readonly CancellationTokenSource _linked;

    private RequestBody(HttpContext context, long limit, string setting, Reception reception)
    {
        _context = context;
        _limit = limit;
        _setting = setting;
        _reception = reception;
        _linked = CancellationTokenSource.CreateLinkedTokenSource(reception.Ended, context.RequestAborted);
    }

    /// <summary>Bytes read so far.</summary>
    public long Received => _reception.Received;

    /// <summary>Cancelled when the body is too slow or the caller is gone.</summary>
    public CancellationToken Cancellation => _linked.Token;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Opens a body. Nothing of it is asked for when it says itself that it is too large.</summary>
    /// <param name="setting">Name of the limit, for errors.</param>
    /// <param name="ticket">The request's, which has its place among the bodies that are received.</param>
    /// <exception cref="HostException">It is too large, or encoded.</exception>
    public static RequestBody Open(HttpContext context, WorkTicket ticket, long limit, string setting)
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

        var reception = ticket.Reception!;
        reception.Expect(context.Request.ContentLength ?? 0);
        return new RequestBody(context, limit, setting, reception);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var pending = _context.Request.Body.ReadAsync(buffer, Cancellation);
            if (!pending.IsCompleted)
            {
                _reception.Await();
            }

            var read = await pending.ConfigureAwait(false);
            _reception.Arrived(read);
            return Received <= _limit ? read : throw TooLarge(_limit, _setting);
        }
        catch (OperationCanceledException error) when (_reception.Ended.IsCancellationRequested && !_context.RequestAborted.IsCancellationRequested)
        {
            throw _reception.Problem(error);
        }
        catch (IOException error) when (error is not BadHttpRequestException && !_context.RequestAborted.IsCancellationRequested)
        {
            // The server found no way to go on in what was sent, such as the size of a chunk that is no number.
            throw new HostException(ErrorCodes.BadRequest, $"the body cannot be read after {Received} bytes: {error.Message.TrimEnd('.')}. Send it again as HTTP says.", error);
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
        }

        base.Dispose(disposing);
    }

    private static HostException TooLarge(long limit, string setting) =>
        new(ErrorCodes.RequestTooLarge, $"the body is larger than {limit} bytes. Split the work, or raise {setting}.");
}
