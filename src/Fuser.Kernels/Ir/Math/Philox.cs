namespace Fuser.Kernels.Ir.Math;

/// <summary>
/// Counter-based random numbers: Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
/// SC 2011). Key: the seed. Counter: the element's logical index in the low two words, the random node in the third, 0 in the fourth.
/// So an element's number depends on nothing but (seed, node, element). Words are kept as i64 below 2^32.
/// </summary>
internal static class Philox
{
    private const long Multiplier0 = 0xD2511F53;
    private const long Multiplier1 = 0xCD9E8D57;
    private const long Weyl0 = 0x9E3779B9;
    private const long Weyl1 = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>Uniform in [0, 1): 24 bits for float32, 53 for float64. Never 1.</summary>
    /// <param name="seed">i64.</param>
    /// <param name="node">i64: which random node of the graph, from 0.</param>
    /// <param name="element">i64: logical index of the element in the random node's own shape.</param>
    public static IrValue Uniform(IrBuilder b, IrValue seed, IrValue node, IrValue element, IrType type)
    {
        var words = Words(b, seed, node, element);
        if (type == IrType.Float32)
        {
            return b.Mul(b.Convert(b.Convert(b.Shr(words[0], 8), IrType.Int32), IrType.Float32), b.Float32(1f / (1 << 24)));
        }

        var high = b.Shl(b.Shr(words[0], 5), 26);
        var low = b.Shr(words[1], 6);
        return b.Mul(b.Convert(b.Or(high, low), IrType.Float64), b.Float64(1.0 / (1L << 53)));
    }

    /// <summary>The four 32-bit words of one block.</summary>
    public static IrValue[] Words(IrBuilder b, IrValue seed, IrValue node, IrValue element)
    {
        var mask = b.Int64(0xffffffff);
        IrValue c0 = b.And(element, mask), c1 = b.Shr(element, 32), c2 = b.And(node, mask), c3 = b.Int64(0);
        IrValue k0 = b.And(seed, mask), k1 = b.Shr(seed, 32);
        for (var round = 0; round < Rounds; round++)
        {
            if (round > 0)
            {
                k0 = b.And(b.Add(k0, b.Int64(Weyl0)), mask);
                k1 = b.And(b.Add(k1, b.Int64(Weyl1)), mask);
            }

            var product0 = b.Mul(c0, b.Int64(Multiplier0));
            var product1 = b.Mul(c2, b.Int64(Multiplier1));
            c0 = b.Xor(b.Xor(b.Shr(product1, 32), c1), k0);
            c1 = b.And(product1, mask);
            c2 = b.Xor(b.Xor(b.Shr(product0, 32), c3), k1);
            c3 = b.And(product0, mask);
        }

        return [c0, c1, c2, c3];
    }
}
