using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fuser.Kernels.Devices;

/// <summary>Fills the tiles of several rows from memory in which the elements of neighbouring rows lie side by side: a transposition, whole lines at a time.</summary>
internal static unsafe class Transposition
{
    /// <param name="source">The first element of the first row; that of the next row lies beside it.</param>
    /// <param name="stride">Bytes to the next element of a row.</param>
    /// <param name="tiles">Where the first row goes, dense.</param>
    /// <param name="tileBytes">Bytes from one row's tile to the next row's.</param>
    /// <param name="count">Elements of each row.</param>
    public static void ToRows(byte* source, long stride, byte* tiles, long tileBytes, long rows, long count, int itemSize)
    {
        switch (itemSize)
        {
            case 1: Elements<byte>(source, stride, tiles, tileBytes, 0, rows, 0, count); break;
            case 2: Elements<ushort>(source, stride, tiles, tileBytes, 0, rows, 0, count); break;
            case 4: Words(source, stride, tiles, tileBytes, rows, count); break;
            default: DoubleWords(source, stride, tiles, tileBytes, rows, count); break;
        }
    }

    /// <summary>Four rows by four elements in registers at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Words(byte* source, long stride, byte* tiles, long tileBytes, long rows, long count)
    {
        var wholeRows = Sse.IsSupported ? rows & ~3L : 0;
        var wholeCount = count & ~3L;
        for (long row = 0; row < wholeRows; row += 4)
        {
            var (from, to) = ((nint)(source + (row * sizeof(int))), (nint)(tiles + (row * tileBytes)));
            for (long i = 0; i < wholeCount; i += 4)
            {
                var a = Vector128.Load((float*)(from + (i * stride)));
                var b = Vector128.Load((float*)(from + ((i + 1) * stride)));
                var c = Vector128.Load((float*)(from + ((i + 2) * stride)));
                var d = Vector128.Load((float*)(from + ((i + 3) * stride)));
                var (abLow, abHigh) = (Sse.UnpackLow(a, b), Sse.UnpackHigh(a, b));
                var (cdLow, cdHigh) = (Sse.UnpackLow(c, d), Sse.UnpackHigh(c, d));
                var at = to + (i * sizeof(int));
                Sse.MoveLowToHigh(abLow, cdLow).Store((float*)at);
                Sse.MoveHighToLow(cdLow, abLow).Store((float*)(at + tileBytes));
                Sse.MoveLowToHigh(abHigh, cdHigh).Store((float*)(at + (2 * tileBytes)));
                Sse.MoveHighToLow(cdHigh, abHigh).Store((float*)(at + (3 * tileBytes)));
            }
        }

        Elements<uint>(source, stride, tiles, tileBytes, 0, wholeRows, wholeCount, count);
        Elements<uint>(source, stride, tiles, tileBytes, wholeRows, rows, 0, count);
    }

    /// <summary>Two rows by two elements in registers at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DoubleWords(byte* source, long stride, byte* tiles, long tileBytes, long rows, long count)
    {
        var wholeRows = Sse2.IsSupported ? rows & ~1L : 0;
        var wholeCount = count & ~1L;
        for (long row = 0; row < wholeRows; row += 2)
        {
            var (from, to) = ((nint)(source + (row * sizeof(long))), (nint)(tiles + (row * tileBytes)));
            for (long i = 0; i < wholeCount; i += 2)
            {
                var a = Vector128.Load((double*)(from + (i * stride)));
                var b = Vector128.Load((double*)(from + ((i + 1) * stride)));
                var at = to + (i * sizeof(long));
                Sse2.UnpackLow(a, b).Store((double*)at);
                Sse2.UnpackHigh(a, b).Store((double*)(at + tileBytes));
            }
        }

        Elements<ulong>(source, stride, tiles, tileBytes, 0, wholeRows, wholeCount, count);
        Elements<ulong>(source, stride, tiles, tileBytes, wholeRows, rows, 0, count);
    }

    private static void Elements<T>(byte* source, long stride, byte* tiles, long tileBytes, long firstRow, long endRow, long first, long end)
        where T : unmanaged
    {
        for (var i = first; i < end; i++)
        {
            for (var row = firstRow; row < endRow; row++)
            {
                Unsafe.WriteUnaligned(tiles + (row * tileBytes) + (i * sizeof(T)), Unsafe.ReadUnaligned<T>(source + (row * sizeof(T)) + (i * stride)));
            }
        }
    }
}
