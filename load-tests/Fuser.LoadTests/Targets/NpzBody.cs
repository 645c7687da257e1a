using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net;
using Fuser.Host.Npz;
using Fuser.Kernels.Tensors;

namespace Fuser.LoadTests.Targets;

/// <summary>
/// The body of a request with an array x and a number s, made once: requests share the array's bytes and differ in the last few hundred, where s, its checksum and the directory are. A client
/// that wrote 64 MiB anew for each request would be what is measured.
/// </summary>
internal sealed class NpzBody
{
    private const uint EntrySignature = 0x04034b50;
    private const uint DirectorySignature = 0x02014b50;
    private const int EndLength = 56 + 20 + 22;
    private const int HeaderLength = 30;
    private const int EntryChecksum = 14;
    private const int DirectoryChecksum = 16;
    private const int DirectoryNameLength = 28;
    private const int DirectoryExtraLength = 30;
    private const int DirectoryLength = 46;

    private readonly byte[] _bytes;
    private readonly int _entry;
    private readonly int _directory;

    private NpzBody(byte[] bytes)
    {
        _bytes = bytes;
        _directory = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(bytes.Length - EndLength + 48));
        Span<byte> signature = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(signature, EntrySignature);
        _entry = bytes.AsSpan(0, _directory).LastIndexOf(signature);
    }

    /// <summary>Bytes of a request.</summary>
    public int Length => _bytes.Length;

    public static async Task<NpzBody> CreateAsync(float[] x, CancellationToken cancellationToken)
    {
        var writer = new NpzWriter([new NpzArray("x", NdArray.From(x)), new NpzArray("s", NdArray.Scalar(0.0))]);
        using var bytes = new MemoryStream((int)writer.Length);
        var pipe = PipeWriter.Create(bytes);
        await writer.WriteAsync(pipe, cancellationToken).ConfigureAwait(false);
        await pipe.CompleteAsync().ConfigureAwait(false);
        return new NpzBody(bytes.ToArray());
    }

    /// <summary>The body with another s.</summary>
    public HttpContent With(double s) => new Content(_bytes.AsMemory(0, _entry), Tail(s));

    /// <summary>The body with another s, in one piece.</summary>
    public byte[] ToArray(double s) => [.. _bytes.AsSpan(0, _entry), .. Tail(s)];

    private byte[] Tail(double s)
    {
        var tail = _bytes[_entry..];
        var directory = _directory - _entry;
        BinaryPrimitives.WriteDoubleLittleEndian(tail.AsSpan(directory - sizeof(double)), s);
        Crc32 checksum = default;
        var start = HeaderLength + BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(26)) + BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(28));
        checksum.Append(tail.AsSpan(start..directory));
        BinaryPrimitives.WriteUInt32LittleEndian(tail.AsSpan(EntryChecksum), checksum.Value);

        // The directory's first entry is that of x.
        var first = tail.AsSpan(directory);
        var second = directory + DirectoryLength + BinaryPrimitives.ReadUInt16LittleEndian(first[DirectoryNameLength..]) + BinaryPrimitives.ReadUInt16LittleEndian(first[DirectoryExtraLength..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(second)) != DirectorySignature)
        {
            throw new InvalidOperationException("the writer of .npz files has changed: the directory's second entry is not where it was");
        }

        BinaryPrimitives.WriteUInt32LittleEndian(tail.AsSpan(second + DirectoryChecksum), checksum.Value);
        return tail;
    }

    private sealed class Content(ReadOnlyMemory<byte> head, byte[] tail) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync(head, cancellationToken).ConfigureAwait(false);
            await stream.WriteAsync(tail, cancellationToken).ConfigureAwait(false);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = head.Length + tail.Length;
            return true;
        }
    }
}
