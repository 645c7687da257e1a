namespace Fuser.Kernels.Ir.Math.Float32;

/// <summary>sin, cos and tan, for arguments of any size.</summary>
internal static class Trigonometric
{
    public static IrValue Sin(IrBuilder b, IrValue x)
    {
        var (r, parity) = ReduceByPi(b, x);
        return Signs.KeepZero(b, x, b.Select(IsFinite(b, x), SinWithParity(b, r, parity), b.NaN(x.Type)));
    }

    /// <summary>sin(x + pi/2).</summary>
    public static IrValue Cos(IrBuilder b, IrValue x)
    {
        var (r, parity) = ReduceByPi(b, b.Abs(x));
        // cos(k pi + r) = (-1)^k sin(pi/2 - |r|), and the difference is exact enough: |r| has an absolute error of 2^-53.
        var fromPole = b.Add(b.Sub(Wide.Constant(b, 0x3FF921FB54442D18), b.Abs(r)), Wide.Constant(b, 0x3C91A62633145C07));
        return b.Select(IsFinite(b, x), SinWithParity(b, fromPole, parity), b.NaN(x.Type));
    }

    public static IrValue Tan(IrBuilder b, IrValue x)
    {
        var (r, _) = ReduceByPi(b, x);
        var sine = SinPolynomial(b, r);
        var cosine = SinPolynomial(b, b.Add(b.Sub(Wide.Constant(b, 0x3FF921FB54442D18), b.Abs(r)), Wide.Constant(b, 0x3C91A62633145C07)));
        return Signs.KeepZero(b, x, b.Select(IsFinite(b, x), Wide.Narrow(b, b.Div(sine, cosine)), b.NaN(x.Type)));
    }

    private static IrValue IsFinite(IrBuilder b, IrValue x) => b.Lt(b.Abs(x), b.Infinity(x.Type));

    private static IrValue SinPolynomial(IrBuilder b, IrValue r)
    {
        var z = b.Mul(r, r);
        var p = Polynomial.Horner(b, z, 0x3DE54E86ABFD466A, 0xBE5AE20D1FA9E172, 0x3EC71DD8E1C41704, 0xBF2A01A001289AA0, 0x3F81111110FC148D, 0xBFC55555555549D8);
        return b.Fma(b.Mul(z, r), p, r);
    }

    private static IrValue SinWithParity(IrBuilder b, IrValue r, IrValue parity) =>
        Wide.Narrow(b, b.FromBits(b.Xor(b.ToBits(SinPolynomial(b, r)), b.Shl(parity, 63)), IrType.Float64));

    /// <summary>x = k pi + r: r in [-pi/2, pi/2] as float64 and an i64 whose lowest bit is that of k.</summary>
    private static (IrValue Remainder, IrValue Parity) ReduceByPi(IrBuilder b, IrValue x)
    {
        var wide = Wide.Widen(b, x);
        var shift = Wide.Constant(b, 0x4338000000000000);
        var shifted = b.Fma(wide, Wide.Constant(b, 0x3FD45F306DC9C883), shift);
        var k = b.Sub(shifted, shift);
        var near = b.Fma(k, Wide.Constant(b, 0xBCA1A62633145C07), b.Fma(k, Wide.Constant(b, 0xC00921FB54442D18), wide));
        var (far, farParity) = ReduceLarge(b, x);
        var small = b.Lt(b.Abs(x), b.Float32(1 << 20));
        return (b.Select(small, near, far), b.Select(small, b.ToBits(shifted), farParity));
    }

    /// <summary>
    /// For |x| of at least 1 (M. Payne, R. Hanek): the 24-bit significand times a window of 96 bits of 1/(2 pi), chosen by the exponent,
    /// modulo 1. The window is picked from seven words by two bits of the exponent and shifted by the other five.
    /// </summary>
    private static (IrValue Remainder, IrValue Parity) ReduceLarge(IrBuilder b, IrValue x)
    {
        var bits = b.And(b.ToBits(x), b.Int32(int.MaxValue));
        var position = b.Sub(b.Shr(bits, 23), b.Int32(127));
        var significand = b.Or(b.And(bits, b.Int32(0x7fffff)), b.Int32(0x800000));
        var by64 = b.Eq(b.And(position, b.Int32(64)), b.Int32(0));
        var by32 = b.Eq(b.And(position, b.Int32(32)), b.Int32(0));
        ReadOnlySpan<uint> words = [0x00000051, 0x7CC1B727, 0x220A94FE, 0x13ABE8FA, 0x9A6EE06D, 0xB14ACC9E, 0x21C820FF];
        var five = new IrValue[5];
        for (var i = 0; i < five.Length; i++)
        {
            five[i] = b.Select(by64, b.Int32((int)words[i]), b.Int32((int)words[i + 2]));
        }

        var shift = b.And(position, b.Int32(31));
        var unshift = b.Xor(shift, b.Int32(31));
        var window = new IrValue[3];
        for (var i = 0; i < window.Length; i++)
        {
            var high = b.Select(by32, five[i], five[i + 1]);
            var low = b.Select(by32, five[i + 1], five[i + 2]);
            window[i] = b.Or(b.Binary(IrOp.ShiftLeft, high, shift), b.Binary(IrOp.ShiftRightLogical, b.Shr(low, 1), unshift));
        }

        var wide = b.Convert(significand, IrType.Int64);
        var low32 = b.Int64(0xffffffff);
        var first = b.Shl(b.Convert(b.Mul(significand, window[0]), IrType.Int64), 32);
        var second = b.Mul(wide, b.And(b.Convert(window[1], IrType.Int64), low32));
        var third = b.Shr(b.Mul(wide, b.And(b.Convert(window[2], IrType.Int64), low32)), 32);
        var fraction = b.Add(b.Add(first, second), third); // |x| / (2 pi) modulo 1, times 2^64
        var doubled = b.Shl(fraction, 1); // |x| / pi modulo 1, times 2^64, as a signed number
        var magnitude = b.Mul(b.Convert(doubled, IrType.Float64), Wide.Constant(b, 0x3C0921FB54442D18));
        var sign = b.And(b.ToBits(Wide.Widen(b, x)), b.SignMask(IrType.Float64));
        return (b.FromBits(b.Xor(b.ToBits(magnitude), sign), IrType.Float64), b.Shr(b.Xor(fraction, doubled), 63));
    }
}
