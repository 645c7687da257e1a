namespace Fuser.Compare.Workloads;

/// <summary>
/// The elements of inputs. Any element can be had by itself, in any language, with the same bits: an integer hash of the index is scaled by
/// numbers for which the arithmetic is exact in float64, and rounded once to the type of the array.
/// </summary>
internal static class InputValues
{
    /// <summary>An element as float64; what the array holds has exactly this value.</summary>
    /// <param name="number">Position of the array among the inputs of its workload.</param>
    /// <param name="index">Position of the element in memory.</param>
    public static double At(ArraySpec array, int number, long index)
    {
        var hash = Hash((uint)index, (uint)number);
        return array.Type switch
        {
            ElementType.U8 => hash >> 24,
            ElementType.F16 => (double)(Half)(array.Low + (array.Width * (hash >> 21) / 2048)),
            ElementType.F32 => (float)(array.Low + (array.Width * (hash >> 8) / 16777216)),
            _ => array.Low + (array.Width * (hash >> 8) / 16777216),
        };
    }

    /// <summary>Writes a whole array.</summary>
    public static unsafe void Fill(ArraySpec array, int number, byte* memory)
    {
        const long Piece = 1 << 16;
        var address = (nint)memory;
        Parallel.For(0, (array.Count + Piece - 1) / Piece, piece =>
        {
            var target = (byte*)address;
            for (var i = piece * Piece; i < Math.Min((piece + 1) * Piece, array.Count); i++)
            {
                var value = At(array, number, i);
                switch (array.Type)
                {
                    case ElementType.U8: target[i] = (byte)value; break;
                    case ElementType.F16: ((Half*)target)[i] = (Half)value; break;
                    case ElementType.F32: ((float*)target)[i] = (float)value; break;
                    default: ((double*)target)[i] = value; break;
                }
            }
        });
    }

    private static uint Hash(uint x, uint number)
    {
        x += unchecked((number + 1) * 0x9E3779B9u);
        x ^= x >> 16;
        x *= 0x7FEB352Du;
        x ^= x >> 15;
        x *= 0x846CA68Bu;
        return x ^ (x >> 16);
    }
}
