using System.Buffers.Binary;

namespace Fuser.Host.Npz;

/// <summary>
/// The directory at the end of a ZIP stream. The data were read by their own headers; here it is checked that the directory tells the same story, so
/// that no reader can be shown other content than this one, and that nothing is cut off.
/// </summary>
internal static class ZipDirectory
{
    private const uint EntrySignature = 0x02014b50;
    private const uint Zip64EndSignature = 0x06064b50;
    private const uint LocatorSignature = 0x07064b50;
    private const uint EndSignature = 0x06054b50;
    private const int EntryLength = 46;

    /// <summary>Reads to the end of the stream.</summary>
    /// <param name="source">At the directory's first byte.</param>
    /// <param name="entries">What was read before, in order.</param>
    public static async ValueTask CheckAsync(ByteSource source, IReadOnlyList<ZipEntry> entries, CancellationToken cancellationToken)
    {
        var start = source.Position;
        for (var i = 0; i < entries.Count; i++)
        {
            await ExpectAsync(source, EntrySignature, EntryLength, "the directory", cancellationToken).ConfigureAwait(false);
            var (name, behind) = VariableLengths(source.Buffered.Span, source.Position);
            await NeedAsync(source, EntryLength + name + behind, cancellationToken).ConfigureAwait(false);
            CheckEntry(source.Buffered.Span, entries[i], source.Position);
            source.Skip(EntryLength + name + behind);
        }

        var length = source.Position - start;
        if (await SignatureAsync(source, cancellationToken).ConfigureAwait(false) == Zip64EndSignature)
        {
            await NeedAsync(source, 56, cancellationToken).ConfigureAwait(false);
            var record = source.Buffered.Span;
            Check(
                BinaryPrimitives.ReadInt64LittleEndian(record[4..]) == 44 && BinaryPrimitives.ReadInt64LittleEndian(record[32..]) == entries.Count
                && BinaryPrimitives.ReadInt64LittleEndian(record[40..]) == length && BinaryPrimitives.ReadInt64LittleEndian(record[48..]) == start,
                source.Position,
                "the zip64 end record does not fit the entries");
            source.Skip(56);
            await ExpectAsync(source, LocatorSignature, 20, "the zip64 locator", cancellationToken).ConfigureAwait(false);
            source.Skip(20);
        }

        await ExpectAsync(source, EndSignature, 22, "the end record", cancellationToken).ConfigureAwait(false);
        CheckEnd(source.Buffered.Span, entries.Count, length, start, source.Position);
        var comment = BinaryPrimitives.ReadUInt16LittleEndian(source.Buffered.Span[20..]);
        source.Skip(22);
        Check(comment == 0, source.Position, "the archive has a comment");
        Check(await source.LookAheadAsync(1, cancellationToken).ConfigureAwait(false) == 0, source.Position, "something follows the end of the archive");
    }

    private static async ValueTask<uint> SignatureAsync(ByteSource source, CancellationToken cancellationToken)
    {
        await NeedAsync(source, 4, cancellationToken).ConfigureAwait(false);
        return BinaryPrimitives.ReadUInt32LittleEndian(source.Buffered.Span);
    }

    private static async ValueTask ExpectAsync(ByteSource source, uint signature, int length, string what, CancellationToken cancellationToken)
    {
        Check(await SignatureAsync(source, cancellationToken).ConfigureAwait(false) == signature, source.Position, $"got something else where {what} was wanted");
        await NeedAsync(source, length, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask NeedAsync(ByteSource source, int length, CancellationToken cancellationToken) =>
        Check(await source.LookAheadAsync(length, cancellationToken).ConfigureAwait(false) >= length, source.Position, "it ends in the middle of its directory; it is truncated");

    private static (int Name, int Behind) VariableLengths(ReadOnlySpan<byte> entry, long position)
    {
        int name = BinaryPrimitives.ReadUInt16LittleEndian(entry[28..]), extra = BinaryPrimitives.ReadUInt16LittleEndian(entry[30..]), comment = BinaryPrimitives.ReadUInt16LittleEndian(entry[32..]);
        Check(Math.Max(name, Math.Max(extra, comment)) <= ZipEntry.MaxVariableLength, position, $"a part of the directory is longer than {ZipEntry.MaxVariableLength} bytes");
        return (name, extra + comment);
    }

    private static void CheckEntry(ReadOnlySpan<byte> header, ZipEntry entry, long position)
    {
        int name = BinaryPrimitives.ReadUInt16LittleEndian(header[28..]), extra = BinaryPrimitives.ReadUInt16LittleEndian(header[30..]);
        var isUtf8 = (BinaryPrimitives.ReadUInt16LittleEndian(header[8..]) & 0x800) != 0;
        var sizes = ZipSizes.Read(
            header.Slice(EntryLength + name, extra),
            BinaryPrimitives.ReadUInt32LittleEndian(header[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(header[20..]),
            BinaryPrimitives.ReadUInt32LittleEndian(header[42..]),
            position);
        Check(
            ZipEntry.ParseName(header.Slice(EntryLength, name), isUtf8, position) == entry.Name
            && BinaryPrimitives.ReadUInt16LittleEndian(header[10..]) == (entry.IsDeflated ? 8 : 0)
            && BinaryPrimitives.ReadUInt32LittleEndian(header[16..]) == entry.Checksum
            && (sizes.Size, sizes.CompressedSize, sizes.Offset) == (entry.Size, entry.CompressedSize, entry.Offset),
            position,
            $"the directory and the data disagree about entry '{entry.Name}'");
    }

    private static void CheckEnd(ReadOnlySpan<byte> record, int count, long length, long start, long position)
    {
        // Where a number does not fit, all ones stand in its place and the zip64 record had it.
        var (here, all) = (BinaryPrimitives.ReadUInt16LittleEndian(record[8..]), BinaryPrimitives.ReadUInt16LittleEndian(record[10..]));
        Check(
            (here == count || here == ushort.MaxValue) && (all == count || all == ushort.MaxValue)
            && Fits(BinaryPrimitives.ReadUInt32LittleEndian(record[12..]), length) && Fits(BinaryPrimitives.ReadUInt32LittleEndian(record[16..]), start),
            position,
            "the end record does not fit the entries");

        static bool Fits(uint stated, long actual) => stated == actual || stated == uint.MaxValue;
    }

    private static void Check(bool holds, long position, string otherwise)
    {
        if (!holds)
        {
            throw NpzError.At(position, otherwise);
        }
    }
}
