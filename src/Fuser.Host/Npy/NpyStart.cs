using System.Buffers.Binary;
using System.Text;
using Fuser.Kernels;

namespace Fuser.Host.Npy;

/// <summary>The start of a .npy file: magic bytes, version, length of the header, header. Shared by those who read it from files and as it arrives.</summary>
internal static class NpyStart
{
    /// <summary>Magic bytes and version.</summary>
    public const int FixedLength = 8;

    /// <summary>All before the header's text, at most.</summary>
    public const int MaxLength = FixedLength + 4;

    // NumPy itself refuses headers over 10,000 bytes; format 1.0 cannot have more than this.
    private const int MaxHeaderLength = 65_535;

    /// <summary>How many bytes say the length of the header.</summary>
    /// <param name="start">The first <see cref="FixedLength"/> bytes.</param>
    /// <exception cref="InputException">They are not the start of a .npy file.</exception>
    public static int LengthBytes(ReadOnlySpan<byte> start, string name)
    {
        if (start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
        {
            throw Wrong(name, "it does not start with the bytes of a .npy file (\\x93NUMPY). Save the array with numpy.save");
        }

        var (major, minor) = (start[6], start[7]);
        return major is < 1 or > 3 || minor != 0 ? throw Wrong(name, $"it is of .npy format {major}.{minor}; wanted 1.0, 2.0 or 3.0") : major == 1 ? 2 : 4;
    }

    /// <summary>Length of the header's text.</summary>
    /// <param name="start">Everything before it.</param>
    /// <exception cref="InputException">It is too long.</exception>
    public static int HeaderLength(ReadOnlySpan<byte> start, string name)
    {
        var length = start[6] == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(start[FixedLength..]) : BinaryPrimitives.ReadUInt32LittleEndian(start[FixedLength..]);
        return length <= MaxHeaderLength ? (int)length : throw Wrong(name, $"its header claims {length} bytes; at most {MaxHeaderLength} are read");
    }

    /// <summary>Reads the header's text.</summary>
    /// <param name="start">Everything before it.</param>
    /// <exception cref="InputException">It is no header of an array that can be had here.</exception>
    public static NpyHeader ParseHeader(ReadOnlySpan<byte> start, ReadOnlySpan<byte> text, string name) =>
        NpyHeaderParser.Parse((start[6] == 3 ? Encoding.UTF8 : Encoding.Latin1).GetString(text), name, FixedLength + (start[6] == 1 ? 2 : 4));

    public static InputException Wrong(string name, string message) => new(ErrorCodes.FileFormat, $"'{name}' cannot be read as .npy: {message}.");
}
