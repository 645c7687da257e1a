using System.Buffers.Binary;
using System.IO.Compression;
using Fuser.Host.Configuration;
using Fuser.Kernels;

namespace Fuser.Host.Npz;

/// <summary>The uncompressed content of one entry, read from front to back and checked on the way.</summary>
internal sealed class EntryContent : IDisposable
{
    private const uint DescriptorSignature = 0x08074b50;

    /// <summary>Pieces that are still in the processor's cache when the checksum looks at them.</summary>
    private const int PieceBytes = 1 << 18;

    /// <summary>So much may come out of nearly nothing: small arrays compress as well as they like.</summary>
    private const long UnquestionedBytes = 16 << 20;

    private readonly ByteSource _source;
    private readonly ZipEntry _entry;
    private readonly int _maxExpansion;
    private readonly long _start;
    private readonly DeflatedBytes? _deflated;
    private readonly DeflateStream? _inflater;
    private Crc32 _checksum;
    private long _produced;

    public EntryContent(ByteSource source, ZipEntry entry, int maxExpansion)
    {
        _source = source;
        _entry = entry;
        _maxExpansion = maxExpansion;
        _start = source.Position;
        if (entry.IsDeflated)
        {
            _deflated = new DeflatedBytes(source, entry.HasDescriptor ? null : entry.CompressedSize);
            _inflater = new DeflateStream(_deflated, CompressionMode.Decompress);
        }
    }

    /// <summary>Fills the memory.</summary>
    /// <exception cref="InputException">The content ends before, or cannot be decompressed.</exception>
    /// <exception cref="HostException">It is compressed suspiciously well.</exception>
    public async ValueTask ReadExactlyAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        while (!destination.IsEmpty)
        {
            var read = await ReadAsync(destination[..Math.Min(destination.Length, PieceBytes)], cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                throw NpzError.At(_source.Position, $"entry '{_entry.Name}' ends after {_produced} bytes, before its array does; it is truncated");
            }

            _checksum.Append(destination.Span[..read]);
            _produced += read;
            CheckExpansion(_produced, _source.Position - _start);
            destination = destination[read..];
        }
    }

    /// <summary>Checks beforehand what is known beforehand: whether so many bytes can come out of the entry.</summary>
    /// <exception cref="InputException">The entry is too small.</exception>
    /// <exception cref="HostException">It would be compressed suspiciously well.</exception>
    public void Expect(long bytes)
    {
        if (_entry.HasDescriptor)
        {
            return;
        }

        if (_produced + bytes != _entry.Size)
        {
            throw NpzError.At(_source.Position, $"entry '{_entry.Name}' has {_entry.Size} bytes, and its array takes {_produced + bytes}");
        }

        CheckExpansion(_entry.Size, _entry.CompressedSize);
    }

    /// <summary>Checks that the content ends here and that its checksum is right.</summary>
    /// <returns>The entry with everything known.</returns>
    public async ValueTask<ZipEntry> EndAsync(CancellationToken cancellationToken)
    {
        if (_inflater is not null && await ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false) != 0)
        {
            throw NpzError.At(_source.Position, $"entry '{_entry.Name}' goes on after its array");
        }

        ZipEntry entry;
        if (_entry.HasDescriptor)
        {
            entry = await TakeDescriptorAsync(cancellationToken).ConfigureAwait(false);
        }
        else
        {
            _source.Forget();
            var taken = _deflated?.Taken ?? _produced;
            entry = taken == _entry.CompressedSize ? _entry : throw NpzError.At(_source.Position, $"the compressed data of entry '{_entry.Name}' end after {taken} of {_entry.CompressedSize} bytes");
        }

        return _checksum.Value == entry.Checksum ? entry : throw NpzError.At(_source.Position, $"the checksum of entry '{entry.Name}' is wrong: the data were damaged on the way");
    }

    public void Dispose()
    {
        _inflater?.Dispose();
        _deflated?.Dispose();
    }

    private async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (_inflater is null)
        {
            // Without a descriptor the size is known; with one, the array's own header says where it ends.
            var left = _entry.HasDescriptor ? destination.Length : Math.Min(destination.Length, _entry.Size - _produced);
            return left == 0 ? 0 : await _source.ReadAsync(destination[..(int)left], cancellationToken).ConfigureAwait(false);
        }

        try
        {
            return await _inflater.ReadAsync(destination, cancellationToken).ConfigureAwait(false);
        }
        catch (InvalidDataException error)
        {
            throw NpzError.At(_source.Position, $"the compressed data of entry '{_entry.Name}' are damaged or truncated", error);
        }
    }

    private void CheckExpansion(long size, long compressed)
    {
        if (_entry.IsDeflated && size > UnquestionedBytes + ((Int128)compressed * _maxExpansion))
        {
            throw new HostException(
                ErrorCodes.RequestTooLarge,
                $"entry '{_entry.Name}' unpacks to more than {_maxExpansion} times its {compressed} bytes. Send it stored (numpy.savez), or raise fuser.limits.max-expansion.");
        }
    }

    /// <summary>
    /// Takes checksum and sizes behind the data. A decompressor has read past their beginning; they are found by what they must say: the
    /// checksum and the sizes, of which one is the place itself.
    /// </summary>
    private async ValueTask<ZipEntry> TakeDescriptorAsync(CancellationToken cancellationToken)
    {
        var length = _entry.IsZip64 ? 24 : 16;
        var reach = 0;
        if (_deflated is not null)
        {
            reach = _deflated.LastPiece;
            _source.Rewind();
        }

        var available = await _source.LookAheadAsync(reach + length, cancellationToken).ConfigureAwait(false);
        for (var skipped = 0; skipped <= reach && skipped + length <= available; skipped++)
        {
            var compressed = _source.Position - _start + skipped;
            if (IsDescriptor(_source.Buffered.Span[skipped..], compressed))
            {
                _source.Skip(skipped + length);
                return Completed(compressed);
            }
        }

        throw NpzError.At(_source.Position, $"checksum and sizes of entry '{_entry.Name}' are missing or wrong: the data were damaged or truncated on the way");
    }

    /// <summary>The entry with what is known now. Whoever wrote something into its header all the same must have been right.</summary>
    private ZipEntry Completed(long compressed)
    {
        var agrees = (_entry.Checksum == 0 || _entry.Checksum == _checksum.Value) && (_entry.Size == 0 || _entry.Size == _produced) && (_entry.CompressedSize == 0 || _entry.CompressedSize == compressed);
        return agrees
            ? _entry with { Checksum = _checksum.Value, CompressedSize = compressed, Size = _produced }
            : throw NpzError.At(_source.Position, $"the header of entry '{_entry.Name}' and what follows its data disagree");
    }

    private bool IsDescriptor(ReadOnlySpan<byte> bytes, long compressed) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes) == DescriptorSignature
        && BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) == _checksum.Value
        && (_entry.IsZip64
            ? BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]) == compressed && BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]) == _produced
            : BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) == compressed && BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) == _produced);
}
