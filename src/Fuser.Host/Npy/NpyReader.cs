using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Npy;

/// <summary>
/// Reads arrays from .npy files, format 1.0, 2.0 and 3.0, in either byte order and either axis order. A file is not trusted: no more
/// memory is taken than it has bytes, and nothing in it is run.
/// </summary>
internal static class NpyReader
{
    private const int PieceBytes = 1 << 20;

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">The file is missing, unreadable, too large, truncated, or no .npy file of a known element type.</exception>
    public static NdArray Load(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1, FileOptions.SequentialScan);
            return Read(stream, path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException(ErrorCodes.FileUnreadable, $"the file '{path}' does not exist. Check the path; relative paths start at '{Directory.GetCurrentDirectory()}'.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InputException(ErrorCodes.FileUnreadable, $"the file '{path}' cannot be read: {e.Message} Check that it is a file and may be read.", e);
        }
    }

    /// <summary>Reads a stream, which may have no length; it is left open, at its end.</summary>
    /// <param name="stream">The stream, from its current position.</param>
    /// <param name="name">Its name in errors.</param>
    /// <exception cref="InputException">The content is truncated, too large, or no .npy file of a known element type.</exception>
    public static NdArray Read(Stream stream, string name)
    {
        var header = ReadHeader(stream, name);
        var layout = Describe(header, name);
        var bytes = layout.ElementCount * header.Element.DType.ItemSize();
        NdArray array;
        if (stream.CanSeek)
        {
            CheckLength(stream.Length - stream.Position, bytes, header, name);
            array = NdArray.Allocate(header.Element.DType, header.Shape);
            Fill(array, bytes, stream, name);
        }
        else
        {
            // A pipe has no length to check against, so memory is taken as the data arrives.
            var pieces = Receive(stream, bytes, header, name);
            array = NdArray.Allocate(header.Element.DType, header.Shape);
            Fill(array, pieces);
        }

        MakeNative(array, header.Element);
        return header.FortranOrder ? array.WithLayout(layout) : array;
    }

    /// <summary>Reads up to the first byte of data.</summary>
    private static NpyHeader ReadHeader(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[NpyStart.MaxLength];
        ReadExactly(stream, start[..NpyStart.FixedLength], name, 0);
        var lengthBytes = NpyStart.LengthBytes(start, name);
        ReadExactly(stream, start.Slice(NpyStart.FixedLength, lengthBytes), name, NpyStart.FixedLength);
        var text = new byte[NpyStart.HeaderLength(start, name)];
        ReadExactly(stream, text, name, NpyStart.FixedLength + lengthBytes);
        return NpyStart.ParseHeader(start, text, name);
    }

    /// <summary>The layout, once it is sure that the array can be held.</summary>
    /// <exception cref="InputException">It has more elements than a managed array, or more bytes than the machine.</exception>
    public static TensorLayout Describe(NpyHeader header, string name)
    {
        Int128 elements = 1;
        foreach (var size in header.Shape)
        {
            // Saturates: a later 0 still makes the array empty.
            elements = Int128.Min(elements * size, long.MaxValue);
        }

        var bytes = elements * header.Element.DType.ItemSize();
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (elements > Array.MaxLength || bytes > memory)
        {
            throw new InputException(
                ErrorCodes.FileTooLarge,
                $"'{name}': the array {Shapes.Text(header.Shape.AsSpan())} would take {bytes} bytes; at most {Array.MaxLength} elements and this machine's {memory} bytes can be held. Split it.");
        }

        return header.Layout;
    }

    private static void CheckLength(long available, long wanted, NpyHeader header, string name)
    {
        if (available != wanted)
        {
            var what = available < wanted ? "it is truncated: its" : "something follows the array: the";
            throw NpyStart.Wrong(name, $"{what} header announces {Text(header)}, {wanted} bytes, and {available} bytes follow. Save the array again with numpy.save");
        }
    }

    private static string Text(NpyHeader header) => $"{header.Element.DType.DisplayName()}{Shapes.Text(header.Shape.AsSpan())}";

    private static List<Memory<byte>> Receive(Stream stream, long bytes, NpyHeader header, string name)
    {
        var pieces = new List<Memory<byte>>();
        long received = 0;
        int read;
        do
        {
            // One byte more than wanted tells whether something follows.
            var piece = new byte[Math.Min(PieceBytes, bytes - received + 1)];
            read = stream.ReadAtLeast(piece, piece.Length, throwOnEndOfStream: false);
            received += read;
            pieces.Add(piece.AsMemory(0, read));
        }
        while (read > 0 && received <= bytes);

        CheckLength(received, bytes, header, name);
        return pieces;
    }

    private static void Fill(NdArray array, long bytes, Stream stream, string name)
    {
        for (long done = 0; done < bytes;)
        {
            var piece = (int)Math.Min(PieceBytes, bytes - done);
            ReadExactly(stream, Bytes(array, done, piece), name, done);
            done += piece;
        }
    }

    private static void Fill(NdArray array, List<Memory<byte>> pieces)
    {
        long done = 0;
        foreach (var piece in pieces)
        {
            piece.Span.CopyTo(Bytes(array, done, piece.Length));
            done += piece.Length;
        }
    }

    /// <summary>Turns the bytes of a file, once they are in the array, into elements of this machine.</summary>
    public static void MakeNative(NdArray array, NpyElementType element)
    {
        const int PieceElements = PieceBytes / 8;
        if (!element.IsSwapped && element.DType != DType.Bool)
        {
            return;
        }

        var size = element.DType.ItemSize();
        for (long done = 0; done < array.ElementCount; done += PieceElements)
        {
            var piece = Bytes(array, done * size, (int)Math.Min(PieceElements, array.ElementCount - done) * size);
            switch (size)
            {
                case 1:
                    OnlyZeroAndOne(piece);
                    break;
                case 2:
                    Reverse<ushort>(piece, BinaryPrimitives.ReverseEndianness);
                    break;
                case 4:
                    Reverse<uint>(piece, BinaryPrimitives.ReverseEndianness);
                    break;
                default:
                    Reverse<ulong>(piece, BinaryPrimitives.ReverseEndianness);
                    break;
            }
        }
    }

    /// <summary>A file may hold any byte where NumPy wrote 0 or 1; kernels rely on 0 and 1.</summary>
    private static void OnlyZeroAndOne(Span<byte> bytes)
    {
        foreach (ref var value in bytes)
        {
            value = value == 0 ? (byte)0 : (byte)1;
        }
    }

    private delegate void ReverseAll<T>(ReadOnlySpan<T> source, Span<T> destination);

    private static void Reverse<T>(Span<byte> bytes, ReverseAll<T> reverse)
        where T : unmanaged
    {
        var elements = MemoryMarshal.Cast<byte, T>(bytes);
        reverse(elements, elements);
    }

    private static Span<byte> Bytes(NdArray array, long start, int count) =>
        MemoryMarshal.CreateSpan(ref Unsafe.AddByteOffset(ref array.First, (nint)start), count);

    private static void ReadExactly(Stream stream, Span<byte> buffer, string name, long position)
    {
        var read = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        if (read < buffer.Length)
        {
            throw NpyStart.Wrong(name, $"it ends after {position + read} bytes, where {position + buffer.Length} were wanted. It is truncated, or no .npy file; save the array again with numpy.save");
        }
    }
}
