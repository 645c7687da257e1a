using System.Buffers;

namespace Fuser.Host.Npz;

/// <summary>
/// A stream of bytes that arrive over time, read once from front to back, with a small buffer to look ahead in. Large reads go past the
/// buffer, straight to where they are wanted.
/// </summary>
internal sealed class ByteSource(Stream stream) : IDisposable
{
    private const int BufferSize = 1 << 16;

    private byte[]? _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _start;
    private int _end;
    private int _mark = -1;

    /// <summary>Bytes taken so far.</summary>
    public long Position { get; private set; }

    /// <summary>What is buffered and not taken.</summary>
    public ReadOnlyMemory<byte> Buffered => Buffer.AsMemory(_start, _end - _start);

    private byte[] Buffer => _buffer ?? throw new ObjectDisposedException(nameof(ByteSource));

    /// <summary>Buffers at least so many bytes, unless the stream ends before.</summary>
    /// <returns>How many are buffered.</returns>
    public async ValueTask<int> LookAheadAsync(int count, CancellationToken cancellationToken)
    {
        while (_end - _start < count)
        {
            if (_end == Buffer.Length || (_mark < 0 && _start == _end))
            {
                MakeRoom();
            }

            var read = await stream.ReadAsync(Buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }

            _end += read;
        }

        return _end - _start;
    }

    /// <summary>Takes bytes that are buffered.</summary>
    public void Skip(int count)
    {
        _start += count;
        Position += count;
    }

    /// <summary>Takes some bytes, at least one unless the stream has ended.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        // Taking what is there keeps it in the buffer, where Rewind finds it; a large read with nothing there needs no detour.
        if (_start == _end && _mark < 0 && destination.Length >= BufferSize)
        {
            var direct = await stream.ReadAsync(destination, cancellationToken).ConfigureAwait(false);
            Position += direct;
            return direct;
        }

        await LookAheadAsync(1, cancellationToken).ConfigureAwait(false);
        var count = Math.Min(destination.Length, _end - _start);
        Buffer.AsSpan(_start, count).CopyTo(destination.Span);
        Skip(count);
        return count;
    }

    /// <summary>Keeps the bytes from here on, so that <see cref="Rewind"/> can return here.</summary>
    public void Mark() => _mark = _start;

    /// <summary>Returns to the mark and forgets it.</summary>
    public void Rewind()
    {
        Position -= _start - _mark;
        _start = _mark;
        _mark = -1;
    }

    /// <summary>Forgets the mark.</summary>
    public void Forget() => _mark = -1;

    public void Dispose()
    {
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
        }
    }

    private void MakeRoom()
    {
        var keep = _mark < 0 ? _start : _mark;
        Buffer.AsSpan(keep, _end - keep).CopyTo(Buffer);
        _start -= keep;
        _end -= keep;
        _mark = _mark < 0 ? -1 : 0;
    }
}
