using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fuser.Host.Npz;

/// <summary>
/// The checksum of ZIP files (CRC-32, polynomial 0xEDB88320). Every byte of a request and of its answer goes through it, so where the processor
/// multiplies polynomials, it runs at memory speed; elsewhere eight bytes at a time through tables.
/// </summary>
internal struct Crc32
{
    private const uint Polynomial = 0xEDB88320;

    private static readonly uint[][] Tables = MakeTables();

    // Inverted, so that the default value is an empty checksum.
    private uint _inverted;

    /// <summary>The checksum so far.</summary>
    public readonly uint Value => _inverted;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        var state = ~_inverted;
        if (Pclmulqdq.IsSupported && Sse2.IsSupported && bytes.Length >= 64)
        {
            var whole = bytes.Length & ~15;
            state = Fold(state, bytes[..whole]);
            bytes = bytes[whole..];
        }

        _inverted = ~ByTables(state, bytes);
    }

    /// <summary>Eight bytes at a time.</summary>
    internal static uint ByTables(uint state, ReadOnlySpan<byte> bytes)
    {
        var tables = Tables;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            var low = state ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            var high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            state = tables[7][(byte)low] ^ tables[6][(byte)(low >> 8)] ^ tables[5][(byte)(low >> 16)] ^ tables[4][low >> 24]
                ^ tables[3][(byte)high] ^ tables[2][(byte)(high >> 8)] ^ tables[1][(byte)(high >> 16)] ^ tables[0][high >> 24];
        }

        foreach (var value in bytes)
        {
            state = tables[0][(byte)(state ^ value)] ^ (state >> 8);
        }

        return state;
    }

    /// <summary>
    /// Folds 64 bytes at a time by carry-less multiplication, after Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ".
    /// The constants are powers of x modulo the polynomial, bit-reflected.
    /// </summary>
    private static uint Fold(uint state, ReadOnlySpan<byte> bytes)
    {
        var by512 = Vector128.Create(0x0154442bd4UL, 0x01c6e41596UL);
        var by128 = Vector128.Create(0x01751997d0UL, 0x00ccaa009eUL);
        var by64 = Vector128.CreateScalar(0x0163cd6124UL);
        var reduction = Vector128.Create(0x01db710641UL, 0x01f7011641UL);
        var lowHalves = Vector128.Create(0x00000000FFFFFFFFUL);
        ref var source = ref MemoryMarshal.GetReference(bytes);
        var (x0, x1, x2, x3) = (Load(ref source, 0) ^ Vector128.CreateScalar((ulong)state), Load(ref source, 16), Load(ref source, 32), Load(ref source, 48));
        nint at = 64;
        for (; at + 64 <= bytes.Length; at += 64)
        {
            x0 = Step(x0, by512, Load(ref source, at));
            x1 = Step(x1, by512, Load(ref source, at + 16));
            x2 = Step(x2, by512, Load(ref source, at + 32));
            x3 = Step(x3, by512, Load(ref source, at + 48));
        }

        x0 = Step(Step(Step(x0, by128, x1), by128, x2), by128, x3);
        for (; at + 16 <= bytes.Length; at += 16)
        {
            x0 = Step(x0, by128, Load(ref source, at));
        }

        // 128 bits to 64, then Barrett's reduction to 32.
        x0 = Pclmulqdq.CarrylessMultiply(x0, by128, 0x10) ^ Sse2.ShiftRightLogical128BitLane(x0, 8);
        x0 = Pclmulqdq.CarrylessMultiply(x0 & lowHalves, by64, 0x00) ^ Sse2.ShiftRightLogical128BitLane(x0, 4);
        var quotient = Pclmulqdq.CarrylessMultiply(x0 & lowHalves, reduction, 0x10) & lowHalves;
        return (x0 ^ Pclmulqdq.CarrylessMultiply(quotient, reduction, 0x00)).AsUInt32().GetElement(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Step(Vector128<ulong> folded, Vector128<ulong> by, Vector128<ulong> next) =>
        Pclmulqdq.CarrylessMultiply(folded, by, 0x00) ^ Pclmulqdq.CarrylessMultiply(folded, by, 0x11) ^ next;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Load(ref byte source, nint at) => Unsafe.ReadUnaligned<Vector128<ulong>>(ref Unsafe.Add(ref source, at));

    private static uint[][] MakeTables()
    {
        var tables = new uint[8][];
        for (var t = 0; t < tables.Length; t++)
        {
            tables[t] = new uint[256];
            for (uint i = 0; i < 256; i++)
            {
                var value = t == 0 ? i : tables[t - 1][i];
                for (var bit = 0; bit < 8; bit++)
                {
                    value = (value & 1) == 0 ? value >> 1 : (value >> 1) ^ Polynomial;
                }

                tables[t][i] = value;
            }
        }

        return tables;
    }
}
