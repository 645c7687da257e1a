using System.Buffers.Binary;

namespace Fuser.Host.Npz;

/// <summary>Sizes and offset of an entry, which may have moved from four bytes in the header to eight in the zip64 extra field.</summary>
internal readonly record struct ZipSizes(bool IsZip64, long Size, long CompressedSize, long Offset)
{
    private const ushort Zip64 = 1;

    /// <summary>Reads the extra fields of a header.</summary>
    /// <param name="extra">All extra fields.</param>
    /// <param name="size">Uncompressed size as the header has it; all ones send to the extra field, and so for the others.</param>
    public static ZipSizes Read(ReadOnlySpan<byte> extra, uint size, uint compressedSize, uint offset, long position)
    {
        long fullSize = size, fullCompressed = compressedSize, fullOffset = offset;
        var isZip64 = false;
        while (!extra.IsEmpty)
        {
            var length = extra.Length >= 4 ? BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]) : int.MaxValue - 4;
            if (extra.Length < 4 + length)
            {
                throw NpzError.At(position, "an entry's extra fields end in the middle of one");
            }

            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == Zip64)
            {
                if (isZip64)
                {
                    throw NpzError.At(position, "an entry has two zip64 fields");
                }

                isZip64 = true;
                var field = extra.Slice(4, length);
                fullSize = Take(ref field, size, position);
                fullCompressed = Take(ref field, compressedSize, position);
                fullOffset = Take(ref field, offset, position);
            }

            extra = extra[(4 + length)..];
        }

        return new ZipSizes(isZip64, fullSize, fullCompressed, fullOffset);
    }

    private static long Take(ref ReadOnlySpan<byte> field, uint inHeader, long position)
    {
        if (inHeader != uint.MaxValue)
        {
            return inHeader;
        }

        if (field.Length < 8)
        {
            throw NpzError.At(position, "an entry's zip64 field is too short");
        }

        var value = BinaryPrimitives.ReadInt64LittleEndian(field);
        field = field[8..];
        return value >= 0 ? value : throw NpzError.At(position, "an entry has a size beyond 63 bits");
    }
}
