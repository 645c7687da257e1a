namespace Fuser.Host.Npz;

/// <summary>
/// The compressed bytes of one entry, for a decompressor to read. The last piece handed out stays in reach, because a decompressor takes
/// more than it needs and does not say how much.
/// </summary>
/// <param name="source">Where they come from.</param>
/// <param name="length">How many there are; null when only their own end tells.</param>
internal sealed class DeflatedBytes(ByteSource source, long? length) : Stream
{
    /// <summary>Bytes at once at most, so that a piece and what follows it fit the source's buffer.</summary>
    private const int MaxPiece = 1 << 13;

    /// <summary>How many bytes were handed out.</summary>
    public long Taken { get; private set; }

    /// <summary>How many of them the last time.</summary>
    public int LastPiece { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        buffer = buffer[..(int)Math.Min(Math.Min(buffer.Length, MaxPiece), (length ?? long.MaxValue) - Taken)];

        source.Mark();
        var read = buffer.IsEmpty ? 0 : await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Taken += read;
        LastPiece = read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
