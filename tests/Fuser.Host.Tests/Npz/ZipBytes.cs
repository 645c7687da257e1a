using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Fuser.Host.Npz;
using Fuser.Host.Tests.Npy;

namespace Fuser.Host.Tests.Npz;

/// <summary>Writes ZIP archives by hand, right and wrong ones.</summary>
internal sealed class ZipBytes
{
    private readonly List<(ZipPart Part, byte[] Data, long Offset)> _parts = [];
    private readonly MemoryStream _bytes = new();

    public static byte[] Of(params ZipPart[] parts)
    {
        var zip = new ZipBytes();
        foreach (var part in parts)
        {
            zip.Add(part);
        }

        return zip.Finish();
    }

    /// <summary>The content of an .npy file of zeros.</summary>
    public static byte[] Zeros(string descr, string shape, int bytes) => NpyBytes.File(NpyBytes.Header(descr, shape), new byte[bytes]);

    public void Add(ZipPart part)
    {
        var data = part.Deflated ? Deflate(part.Content) : part.Content;
        _parts.Add((part, data, _bytes.Length));
        Write(0x04034b50u);
        Common(part, data, forDirectory: false);
        Write((ushort)part.NameBytes.Length, (ushort)part.Extra.Length);
        _bytes.Write(part.NameBytes);
        _bytes.Write(part.Extra);
        _bytes.Write(data);
        if (part.Descriptor)
        {
            Write(0x08074b50u, part.Checksum, (uint)data.Length, (uint)part.Content.Length);
        }
    }

    public byte[] Finish()
    {
        var start = _bytes.Length;
        foreach (var (part, data, offset) in _parts)
        {
            Write(0x02014b50u);
            Write((ushort)20);
            Common(part, data, forDirectory: true);
            Write((ushort)part.NameBytes.Length, (ushort)0, (ushort)0, (ushort)0, (ushort)0);
            Write(0u, (uint)offset);
            _bytes.Write(part.NameBytes);
        }

        var length = _bytes.Length - start;
        Write(0x06054b50u);
        Write((ushort)0, (ushort)0, (ushort)_parts.Count, (ushort)_parts.Count);
        Write((uint)length, (uint)start);
        Write((ushort)0);
        return _bytes.ToArray();
    }

    private static byte[] Deflate(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var deflate = new DeflateStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            deflate.Write(content);
        }

        return compressed.ToArray();
    }

    private void Common(ZipPart part, byte[] data, bool forDirectory)
    {
        var known = forDirectory || !part.Descriptor;
        Write((ushort)20, (ushort)(part.Flags | (part.Descriptor ? 8 : 0)), (ushort)(part.Method ?? (part.Deflated ? 8 : 0)), (ushort)0, (ushort)0x21);
        Write(known ? part.Checksum : 0, known ? part.StatedCompressedSize ?? (uint)data.Length : 0, known ? part.StatedSize ?? (uint)part.Content.Length : 0);
    }

    private void Write(params ReadOnlySpan<uint> values)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var value in values)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
            _bytes.Write(bytes);
        }
    }

    private void Write(params ReadOnlySpan<ushort> values)
    {
        Span<byte> bytes = stackalloc byte[2];
        foreach (var value in values)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
            _bytes.Write(bytes);
        }
    }
}

/// <summary>One entry to write.</summary>
internal sealed record ZipPart(string Name, byte[] Content)
{
    public bool Deflated { get; init; }

    public bool Descriptor { get; init; }

    public int Flags { get; init; }

    public int? Method { get; init; }

    public uint? StatedSize { get; init; }

    public uint? StatedCompressedSize { get; init; }

    public byte[] Extra { get; init; } = [];

    public byte[] NameBytes { get; init; } = Encoding.UTF8.GetBytes(Name);

    public uint Checksum
    {
        get
        {
            Crc32 checksum = default;
            checksum.Append(Content);
            return checksum.Value;
        }
    }
}
