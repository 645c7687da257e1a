namespace Fuser.Host.Tests.Npy;

/// <summary>A stream without a length that hands out a few bytes at a time, as a pipe does.</summary>
internal sealed class PipeStream(byte[] content) : MemoryStream(content)
{
    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 1000)]);
}
