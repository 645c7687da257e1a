using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Npy;

/// <summary>Writes arrays as .npy files, format 1.0, little-endian and row-major whatever the array's own layout is.</summary>
internal static class NpyWriter
{
    // The data starts at a multiple of this, so that whoever maps the file gets aligned vectors.
    private const int Alignment = 64;
    private const int PieceBytes = 1 << 20;

    /// <summary>Creates or replaces a file.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(string path, NdArray array)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1);
        Write(stream, array);
    }

    /// <summary>Writes to a stream, which is left open.</summary>
    public static void Write(Stream stream, NdArray array)
    {
        stream.Write(Header(array));
        if (array.ElementCount == 0)
        {
            return;
        }

        switch (array.DType)
        {
            case DType.BFloat16:
                WriteElements<ushort, uint>(stream, array, static bits => LittleEndian((uint)bits << 16));
                break;
            case var _ when array.Layout.IsContiguous && BitConverter.IsLittleEndian:
                WriteBytes(stream, array);
                break;
            default:
                WriteElements(stream, array);
                break;
        }
    }

    /// <summary>Everything before the data.</summary>
    public static byte[] Header(NdArray array)
    {
        var shape = array.Shape.Length == 1 ? $"({array.Shape[0]},)" : $"({string.Join(", ", array.Shape)})";
        var text = $"{{'descr': '{NpyElementType.Code(array.DType)}', 'fortran_order': False, 'shape': {shape}, }}";
        const int Start = 10;
        var length = (Start + text.Length + 1 + Alignment - 1) / Alignment * Alignment;
        var header = new byte[length];
        header.AsSpan().Fill((byte)' ');
        "?NUMPY"u8.CopyTo(header);
        header[0] = 0x93;
        header[6] = 1;
        header[7] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), checked((ushort)(length - Start)));
        Encoding.ASCII.GetBytes(text, header.AsSpan(Start));
        header[^1] = (byte)'\n';
        return header;
    }

    private static void WriteBytes(Stream stream, NdArray array)
    {
        var bytes = array.ElementCount * array.DType.ItemSize();
        for (long done = 0; done < bytes;)
        {
            var piece = (int)Math.Min(PieceBytes, bytes - done);
            stream.Write(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.AddByteOffset(ref array.First, (nint)done), piece));
            done += piece;
        }
    }

    private static void WriteElements(Stream stream, NdArray array)
    {
        switch (array.DType.ItemSize())
        {
            case 1:
                WriteElements<byte, byte>(stream, array, static bits => bits);
                break;
            case 2:
                WriteElements<ushort, ushort>(stream, array, LittleEndian);
                break;
            case 4:
                WriteElements<uint, uint>(stream, array, LittleEndian);
                break;
            default:
                WriteElements<ulong, ulong>(stream, array, LittleEndian);
                break;
        }
    }

    private static ushort LittleEndian(ushort bits) => BitConverter.IsLittleEndian ? bits : BinaryPrimitives.ReverseEndianness(bits);

    private static uint LittleEndian(uint bits) => BitConverter.IsLittleEndian ? bits : BinaryPrimitives.ReverseEndianness(bits);

    private static ulong LittleEndian(ulong bits) => BitConverter.IsLittleEndian ? bits : BinaryPrimitives.ReverseEndianness(bits);

    /// <summary>Gathers the elements in row-major order, whatever their strides, and writes them converted.</summary>
    private static void WriteElements<TStored, TWritten>(Stream stream, NdArray array, Func<TStored, TWritten> convert)
        where TStored : unmanaged
        where TWritten : unmanaged
    {
        var layout = array.Layout;
        var buffer = new TWritten[Math.Min(array.ElementCount, PieceBytes / Unsafe.SizeOf<TWritten>())];
        var index = new long[layout.Rank];
        long position = 0;
        for (long done = 0; done < array.ElementCount;)
        {
            var count = (int)Math.Min(buffer.Length, array.ElementCount - done);
            for (var i = 0; i < count; i++)
            {
                buffer[i] = convert(Unsafe.Add(ref Unsafe.As<byte, TStored>(ref array.First), (nint)position));
                position = Next(layout, index, position);
            }

            stream.Write(MemoryMarshal.AsBytes(buffer.AsSpan(0, count)));
            done += count;
        }
    }

    private static long Next(TensorLayout layout, long[] index, long position)
    {
        for (var axis = layout.Rank - 1; axis >= 0; axis--)
        {
            position += layout.Strides[axis];
            if (++index[axis] < layout.Sizes[axis])
            {
                break;
            }

            position -= index[axis] * layout.Strides[axis];
            index[axis] = 0;
        }

        return position;
    }
}
