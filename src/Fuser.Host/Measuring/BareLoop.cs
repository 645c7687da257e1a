using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fuser.Host.Measuring;

/// <summary>
/// The loop that does nothing but move memory: it reads some arrays, combines them with exclusive or, and writes others, at full vector
/// width. No fused kernel over the same arrays can be faster than the best of these, so it is the limit a kernel is measured against.
/// </summary>
internal static unsafe class BareLoop
{
    private const int Line = 64;

    private static byte s_sink;

    /// <summary>Reads and writes bytes [start, end) of arrays that are all at least that long.</summary>
    /// <param name="reads">Arrays read.</param>
    /// <param name="writes">Arrays written.</param>
    /// <param name="start">First byte.</param>
    /// <param name="end">One past the last byte.</param>
    /// <param name="wide">512-bit vectors instead of 256-bit ones.</param>
    /// <param name="nonTemporal">Stores that go around the caches: better for arrays larger than the caches, worse for others.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ReadOnlySpan<nint> reads, ReadOnlySpan<nint> writes, nint start, nint end, bool wide, bool nonTemporal)
    {
        fixed (nint* read = reads)
        fixed (nint* write = writes)
        {
            var position = start;
            if (end - start < Line)
            {
                OneByOne(read, reads.Length, write, writes.Length, start, end);
                return;
            }

            if (writes.Length > 0)
            {
                // Stores that straddle cache lines cost double, so the first array written is walked by whole lines. What comes before
                // the first of them, and after the last, is done by a vector that overlaps its neighbour.
                OneLine(read, reads.Length, write, writes.Length, start);
                position = start + Line - ((write[0] + start) & (Line - 1));
            }

            for (var k = 1; k < writes.Length; k++)
            {
                nonTemporal &= ((write[k] + position) & (Line - 1)) == 0;
            }

            position = wide
                ? Wide(read, reads.Length, write, writes.Length, position, end, nonTemporal)
                : Narrow(read, reads.Length, write, writes.Length, position, end, nonTemporal);
            for (; position + Line <= end; position += Line)
            {
                OneLine(read, reads.Length, write, writes.Length, position);
            }

            if (position < end)
            {
                OneLine(read, reads.Length, write, writes.Length, end - Line);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint Wide(nint* read, int reads, nint* write, int writes, nint position, nint end, bool nonTemporal)
    {
        var seen = Vector512<byte>.Zero;
        for (; position + 256 <= end; position += 256)
        {
            Vector512<byte> a = default, b = default, c = default, d = default;
            for (var k = 0; k < reads; k++)
            {
                var source = (byte*)read[k] + position;
                a ^= Vector512.Load(source);
                b ^= Vector512.Load(source + 64);
                c ^= Vector512.Load(source + 128);
                d ^= Vector512.Load(source + 192);
            }

            for (var k = 0; k < writes; k++)
            {
                var target = (byte*)write[k] + position;
                if (nonTemporal)
                {
                    a.StoreAlignedNonTemporal(target);
                    b.StoreAlignedNonTemporal(target + 64);
                    c.StoreAlignedNonTemporal(target + 128);
                    d.StoreAlignedNonTemporal(target + 192);
                }
                else
                {
                    a.Store(target);
                    b.Store(target + 64);
                    c.Store(target + 128);
                    d.Store(target + 192);
                }
            }

            // Without a write the compiler must still believe that someone wants what was read.
            if (writes == 0)
            {
                seen ^= a ^ b ^ c ^ d;
            }
        }

        s_sink = seen[0];
        return position;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static nint Narrow(nint* read, int reads, nint* write, int writes, nint position, nint end, bool nonTemporal)
    {
        var seen = Vector256<byte>.Zero;
        for (; position + 128 <= end; position += 128)
        {
            Vector256<byte> a = default, b = default, c = default, d = default;
            for (var k = 0; k < reads; k++)
            {
                var source = (byte*)read[k] + position;
                a ^= Vector256.Load(source);
                b ^= Vector256.Load(source + 32);
                c ^= Vector256.Load(source + 64);
                d ^= Vector256.Load(source + 96);
            }

            for (var k = 0; k < writes; k++)
            {
                var target = (byte*)write[k] + position;
                if (nonTemporal)
                {
                    a.StoreAlignedNonTemporal(target);
                    b.StoreAlignedNonTemporal(target + 32);
                    c.StoreAlignedNonTemporal(target + 64);
                    d.StoreAlignedNonTemporal(target + 96);
                }
                else
                {
                    a.Store(target);
                    b.Store(target + 32);
                    c.Store(target + 64);
                    d.Store(target + 96);
                }
            }

            if (writes == 0)
            {
                seen ^= a ^ b ^ c ^ d;
            }
        }

        s_sink = seen[0];
        return position;
    }

    private static void OneLine(nint* read, int reads, nint* write, int writes, nint position)
    {
        var value = Vector512<byte>.Zero;
        for (var k = 0; k < reads; k++)
        {
            value ^= Vector512.Load((byte*)read[k] + position);
        }

        for (var k = 0; k < writes; k++)
        {
            value.Store((byte*)write[k] + position);
        }

        s_sink = value[0];
    }

    private static void OneByOne(nint* read, int reads, nint* write, int writes, nint start, nint end)
    {
        for (var position = start; position < end; position++)
        {
            byte value = 0;
            for (var k = 0; k < reads; k++)
            {
                value ^= ((byte*)read[k])[position];
            }

            for (var k = 0; k < writes; k++)
            {
                ((byte*)write[k])[position] = value;
            }

            s_sink = value;
        }
    }
}
