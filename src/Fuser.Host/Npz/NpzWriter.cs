using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Fuser.Host.Npy;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Npz;

/// <summary>
/// Writes row-major arrays as an .npz stream: stored .npy files with zip64 sizes, each behind a header that is complete, so that it can be read while it
/// arrives. The length is known before the first byte.
/// </summary>
internal sealed class NpzWriter
{
    private const int PieceBytes = 1 << 16;
    private const int HeaderLength = 30;
    private const int HeaderExtraLength = 20;
    private const int DirectoryLength = 46;
    private const int DirectoryExtraLength = 28;
    private const int EndLength = 56 + 20 + 22;

    private readonly List<Entry> _entries = [];
    private readonly long _directory;

    /// <param name="arrays">Row-major arrays under names of ASCII characters, which become the entries' names with .npy behind.</param>
    public NpzWriter(IEnumerable<NpzArray> arrays)
    {
        foreach (var (name, array) in arrays)
        {
            if (!array.Layout.IsContiguous)
            {
                throw new ArgumentException($"'{name}' is not row-major ({array.Layout})", nameof(arrays));
            }

            var header = NpyWriter.Header(array);
            var entry = new Entry(Encoding.ASCII.GetBytes(name + ".npy"), array, header, _directory, header.Length + DataBytes(array));
            _entries.Add(entry);
            _directory += HeaderLength + entry.Name.Length + HeaderExtraLength + entry.Size;
        }

        Length = _directory + _entries.Sum(entry => (long)DirectoryLength + entry.Name.Length + DirectoryExtraLength) + EndLength;
    }

    /// <summary>Bytes of the whole stream.</summary>
    public long Length { get; }

    /// <summary>Writes everything.</summary>
    public async Task WriteAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        foreach (var entry in _entries)
        {
            // The checksum stands before the data, so they are gone over twice; at memory speed, which no network has.
            entry.Checksum = Checksum(entry);
            WriteHeader(output, entry);
            Write(output, entry.Header);
            for (long done = 0; done < entry.Size - entry.Header.Length;)
            {
                done += CopyPiece(output.GetSpan(PieceBytes), entry, done, out var written);
                output.Advance(written);
                var flushed = await output.FlushAsync(cancellationToken).ConfigureAwait(false);
                if (flushed.IsCompleted)
                {
                    return; // nobody reads any more
                }
            }
        }

        _entries.ForEach(entry => WriteDirectoryEntry(output, entry));
        WriteEnd(output);
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static long DataBytes(NdArray array) => array.ElementCount * NpyElementType.WrittenAs(array.DType).ItemSize();

    private static uint Checksum(Entry entry)
    {
        Crc32 checksum = default;
        checksum.Append(entry.Header);
        Span<byte> piece = stackalloc byte[entry.IsConverted ? PieceBytes : 0];
        for (long done = 0, bytes = entry.Size - entry.Header.Length; done < bytes;)
        {
            if (entry.IsConverted)
            {
                done += CopyPiece(piece, entry, done, out var written);
                checksum.Append(piece[..written]);
            }
            else
            {
                var length = (int)Math.Min(1 << 30, bytes - done);
                checksum.Append(Bytes(entry.Array, done, length));
                done += length;
            }
        }

        return checksum.Value;
    }

    /// <summary>Copies some of the array's data, as they are written, from a position on.</summary>
    /// <returns>How many bytes; the same as <paramref name="written"/>.</returns>
    private static int CopyPiece(Span<byte> destination, Entry entry, long position, out int written)
    {
        written = (int)Math.Min(destination.Length & ~7, entry.Size - entry.Header.Length - position);
        if (entry.IsConverted)
        {
            var source = MemoryMarshal.Cast<byte, ushort>(Bytes(entry.Array, position / 2, written / 2));
            for (var i = 0; i < source.Length; i++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(destination[(4 * i)..], (uint)source[i] << 16);
            }
        }
        else
        {
            Bytes(entry.Array, position, written).CopyTo(destination);
        }

        return written;
    }

    private static Span<byte> Bytes(NdArray array, long start, int length) => MemoryMarshal.CreateSpan(ref Unsafe.AddByteOffset(ref array.First, (nint)start), length);

    private static void WriteHeader(PipeWriter output, Entry entry)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x04034b50);
        WriteCommon(header[4..], entry);
        BinaryPrimitives.WriteUInt16LittleEndian(header[26..], (ushort)entry.Name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header[28..], HeaderExtraLength);
        Write(output, header);
        Write(output, entry.Name);
        WriteZip64(output, HeaderExtraLength, entry.Size, entry.Size);
    }

    private static void WriteDirectoryEntry(PipeWriter output, Entry entry)
    {
        Span<byte> header = stackalloc byte[DirectoryLength];
        header.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x02014b50);
        BinaryPrimitives.WriteUInt16LittleEndian(header[4..], 45);
        WriteCommon(header[6..], entry);
        BinaryPrimitives.WriteUInt16LittleEndian(header[28..], (ushort)entry.Name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(header[30..], DirectoryExtraLength);
        BinaryPrimitives.WriteUInt32LittleEndian(header[42..], uint.MaxValue);
        Write(output, header);
        Write(output, entry.Name);
        WriteZip64(output, DirectoryExtraLength, entry.Size, entry.Size, entry.Offset);
    }

    /// <summary>What both headers have: version, flags, method, date, checksum, and sizes that are in the zip64 field.</summary>
    private static void WriteCommon(Span<byte> header, Entry entry)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(header, 45);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], 0x21); // 1 January 1980, the first date there is: equal arrays give equal bytes
        BinaryPrimitives.WriteUInt32LittleEndian(header[10..], entry.Checksum);
        BinaryPrimitives.WriteUInt64LittleEndian(header[14..], ulong.MaxValue);
    }

    private static void WriteZip64(PipeWriter output, int length, params ReadOnlySpan<long> numbers)
    {
        Span<byte> field = stackalloc byte[length];
        BinaryPrimitives.WriteUInt16LittleEndian(field, 1);
        BinaryPrimitives.WriteUInt16LittleEndian(field[2..], (ushort)(length - 4));
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(field[(4 + (8 * i))..], numbers[i]);
        }

        Write(output, field);
    }

    private void WriteEnd(PipeWriter output)
    {
        Span<byte> end = stackalloc byte[EndLength];
        end.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06064b50);
        BinaryPrimitives.WriteInt64LittleEndian(end[4..], 44);
        BinaryPrimitives.WriteUInt16LittleEndian(end[12..], 45);
        BinaryPrimitives.WriteUInt16LittleEndian(end[14..], 45);
        BinaryPrimitives.WriteInt64LittleEndian(end[24..], _entries.Count);
        BinaryPrimitives.WriteInt64LittleEndian(end[32..], _entries.Count);
        BinaryPrimitives.WriteInt64LittleEndian(end[40..], Length - EndLength - _directory);
        BinaryPrimitives.WriteInt64LittleEndian(end[48..], _directory);

        var locator = end[56..];
        BinaryPrimitives.WriteUInt32LittleEndian(locator, 0x07064b50);
        BinaryPrimitives.WriteInt64LittleEndian(locator[8..], Length - EndLength);
        BinaryPrimitives.WriteUInt32LittleEndian(locator[16..], 1);

        var record = locator[20..];
        BinaryPrimitives.WriteUInt32LittleEndian(record, 0x06054b50);
        BinaryPrimitives.WriteUInt16LittleEndian(record[8..], (ushort)Math.Min(ushort.MaxValue, _entries.Count));
        BinaryPrimitives.WriteUInt16LittleEndian(record[10..], (ushort)Math.Min(ushort.MaxValue, _entries.Count));
        BinaryPrimitives.WriteUInt32LittleEndian(record[12..], (uint)Math.Min(uint.MaxValue, Length - EndLength - _directory));
        BinaryPrimitives.WriteUInt32LittleEndian(record[16..], (uint)Math.Min(uint.MaxValue, _directory));
        Write(output, end);
    }

    private static void Write(PipeWriter output, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(output.GetSpan(bytes.Length));
        output.Advance(bytes.Length);
    }

    private sealed class Entry(byte[] name, NdArray array, byte[] header, long offset, long size)
    {
        public byte[] Name { get; } = name;

        public NdArray Array { get; } = array;

        public byte[] Header { get; } = header;

        public long Offset { get; } = offset;

        public long Size { get; } = size;

        public uint Checksum { get; set; }

        /// <summary>NumPy has no bfloat16: it is written as float32, which holds it exactly.</summary>
        public bool IsConverted { get; } = array.DType == DType.BFloat16;
    }
}
