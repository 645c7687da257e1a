using System.Buffers.Binary;
using System.Text;
using Fuser.Kernels;

namespace Fuser.Host.Npz;

/// <summary>One entry as its local header describes it, the header that stands right before its data.</summary>
/// <param name="Name">Name of the entry, with extension.</param>
/// <param name="Offset">Where the header starts.</param>
/// <param name="IsDeflated">Whether the data are compressed.</param>
/// <param name="HasDescriptor">Whether checksum and sizes follow the data, because whoever wrote them did not know them yet.</param>
/// <param name="IsZip64">Whether sizes there have eight bytes.</param>
/// <param name="Checksum">Checksum of the uncompressed data; as a rule 0 with a descriptor.</param>
/// <param name="CompressedSize">Bytes of data; as a rule 0 with a descriptor.</param>
/// <param name="Size">Bytes of uncompressed data; as a rule 0 with a descriptor.</param>
internal sealed record ZipEntry(string Name, long Offset, bool IsDeflated, bool HasDescriptor, bool IsZip64, uint Checksum, long CompressedSize, long Size)
{
    /// <summary>Bytes of the fixed part of a local header.</summary>
    public const int HeaderLength = 30;

    /// <summary>Bytes of a name or of extra fields at most; NumPy writes names of variables and 20 bytes of extra fields.</summary>
    public const int MaxVariableLength = 4096;

    // Bits 1 and 2 say how well deflate tried, 3 that a descriptor follows, 11 that the name is UTF-8. All others change how data are read.
    private const int KnownFlags = 0b1000_0000_1110;

    /// <summary>How much follows the fixed part.</summary>
    public static int VariableLength(ReadOnlySpan<byte> header, long position)
    {
        int name = BinaryPrimitives.ReadUInt16LittleEndian(header[26..]), extra = BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        return name is > 0 and <= MaxVariableLength && extra <= MaxVariableLength
            ? name + extra
            : throw NpzError.At(position, $"an entry's name has {name} bytes and its extra fields have {extra}; wanted 1 to {MaxVariableLength}, and at most {MaxVariableLength}");
    }

    /// <summary>Reads a local header.</summary>
    /// <param name="header">Fixed part, name and extra fields.</param>
    /// <param name="position">Where it starts.</param>
    public static ZipEntry Parse(ReadOnlySpan<byte> header, long position)
    {
        int flags = BinaryPrimitives.ReadUInt16LittleEndian(header[6..]), method = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        var nameLength = BinaryPrimitives.ReadUInt16LittleEndian(header[26..]);
        var name = ParseName(header.Slice(HeaderLength, nameLength), (flags & 0x800) != 0, position);
        if ((flags & ~KnownFlags) != 0)
        {
            throw NpzError.At(position, $"entry '{OutsideText.Shown(name)}' is encrypted or needs features (flags 0x{flags:x4}) that .npz files do not have");
        }

        if (method is not (0 or 8))
        {
            throw NpzError.At(position, $"entry '{OutsideText.Shown(name)}' is compressed by method {method}; wanted 0 (stored) or 8 (deflated)");
        }

        var sizes = ZipSizes.Read(header[(HeaderLength + nameLength)..], BinaryPrimitives.ReadUInt32LittleEndian(header[22..]), BinaryPrimitives.ReadUInt32LittleEndian(header[18..]), 0, position);
        var hasDescriptor = (flags & 8) != 0;
        if (method == 0 && !hasDescriptor && sizes.Size != sizes.CompressedSize)
        {
            throw NpzError.At(position, $"entry '{OutsideText.Shown(name)}' is stored, but has {sizes.CompressedSize} bytes for {sizes.Size}");
        }

        return new ZipEntry(name, position, method == 8, hasDescriptor, sizes.IsZip64, BinaryPrimitives.ReadUInt32LittleEndian(header[14..]), sizes.CompressedSize, sizes.Size);
    }

    /// <summary>Reads a name. It is a key and never a path: nothing is ever written anywhere by it.</summary>
    public static string ParseName(ReadOnlySpan<byte> bytes, bool isUtf8, long position)
    {
        if (!isUtf8 && !Ascii.IsValid(bytes))
        {
            throw NpzError.At(position, "an entry's name has characters beyond ASCII and is not marked as UTF-8");
        }

        string name;
        try
        {
            name = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw NpzError.At(position, "an entry's name is not UTF-8", error);
        }

        return !name.Any(c => char.IsControl(c) || c is '/' or '\\' or ':') && name.EndsWith(".npy", StringComparison.Ordinal) && name.Length > 4
            ? name
            : throw NpzError.At(position, $"an entry is named '{OutsideText.Shown(name)}'; wanted the name of an input and .npy, without a folder");
    }
}
