namespace Fuser.Kernels.Ir.Math.Float32;

/// <summary>exp and its kin.</summary>
internal static class Exponential
{
    /// <summary>2^k (1 + s), s by a polynomial of degree 6 with the last sum in two terms. Measured: 0.868 ulp.</summary>
    public static IrValue Exp(IrBuilder b, IrValue x)
    {
        var (s, first, second) = Narrow.ExpParts(b, Narrow.Clamp(b, x, -104, 89));
        return b.Mul(b.Fma(first, s, first), second);
    }

    /// <summary>2^k (1 + r ln2 + r p(r)), k and r exact, degree 6, error 0.03 * 2^-24. Measured: 0.850 ulp.</summary>
    public static IrValue Exp2(IrBuilder b, IrValue x)
    {
        var clamped = Narrow.Clamp(b, x, -150, 128);
        var shift = Narrow.Constant(b, 0x4B4000FE);
        var shifted = b.Add(clamped, shift);
        var shiftedHalf = b.Fma(clamped, b.Float32(0.5f), Narrow.Constant(b, 0x4B40007F));
        var r = b.Sub(clamped, b.Sub(shifted, shift));
        var p = Polynomial.Horner(b, r, 0x3920EA0B, 0x3AAF9F50, 0x3C1D96C1, 0x3D635774, 0x3E75FDEE, 0x32AF2934);
        var s = b.Fma(r, Narrow.Constant(b, Narrow.Ln2High), b.Mul(r, p));
        var first = b.FromBits(b.Shl(b.ToBits(shiftedHalf), 23), IrType.Float32);
        var second = b.FromBits(b.Shl(b.Sub(b.ToBits(shifted), b.ToBits(shiftedHalf)), 23), IrType.Float32);
        return b.Mul(b.Fma(first, s, first), second);
    }

    /// <summary>
    /// 2^k (1 + s) - 1 in two terms: 2^k - 1 and s are summed exactly, since they cancel partly near |x| = ln2 / 2. The scale is halved, and doubled at the
    /// end, because 2^128 is no float32. Degree 7. Measured: 0.866 ulp.
    /// </summary>
    public static IrValue Expm1(IrBuilder b, IrValue x)
    {
        var (high, tail, half) = Narrow.Expm1Parts(b, Narrow.Clamp(b, x, -20, 88.75f));
        var offset = b.Sub(half, b.Float32(0.5f));
        var s = b.Add(high, tail);
        var low = b.Add(b.Sub(high, s), tail);
        var sum = b.Fma(half, s, offset);
        var one = b.Sub(b.Sub(half, offset), b.Float32(0.5f));
        var lost = b.Add(one, b.Fma(half, low, b.Fma(half, s, b.Sub(offset, sum))));
        var result = b.Add(sum, lost);
        var tiny = b.Lt(b.Abs(x), b.Float32(1f / (1 << 25)));
        return b.Select(tiny, x, b.Add(result, result));
    }

    /// <summary>
    /// w = 1 / (1 + exp(|x|)) for negative x and 1 - w for positive. With |x| = k ln2 + r, w = 2^-k / (2^-k + exp(r)); the
    /// denominator is kept in two terms and the quotient corrected once. Measured: 0.887 ulp.
    /// </summary>
    public static IrValue Sigmoid(IrBuilder b, IrValue x)
    {
        var one = b.Float32(1);
        var (s, first, second) = Narrow.ExpPartsInverse(b, Narrow.AtMost(b, b.Abs(x), 104));
        var scale = b.Mul(first, second);
        var y = b.Add(one, s);
        var low = b.Add(b.Sub(one, y), s);
        var denominator = b.Add(y, scale);
        var lost = b.Add(b.Add(b.Sub(y, denominator), scale), low);
        var quotient = b.Div(one, denominator);
        var error = b.Fma(b.Neg(quotient), lost, b.Fma(b.Neg(quotient), denominator, one));
        var w = b.Mul(b.Mul(b.Fma(error, quotient, quotient), first), second);
        return b.Select(b.Lt(x, b.Float32(0)), w, b.Sub(one, w));
    }
}
