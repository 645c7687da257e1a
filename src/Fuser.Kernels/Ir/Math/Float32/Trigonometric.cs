namespace Fuser.Kernels.Ir.Math.Float32;

/// <summary>
/// sin, cos and tan, for arguments of any size: reduced to [-pi/2, pi/2] by multiplying with 1 / (2 pi) in integers, then one odd polynomial
/// in float64 (degree 11, relative error 2^-33). There is no second, cheaper reduction for small arguments: both would be computed.
/// </summary>
internal static class Trigonometric
{
    /// <summary>24 - 1 zeros and 233 bits of 1 / (2 pi).</summary>
    private static ReadOnlySpan<ulong> InverseTwoPi => [0x000000517CC1B727, 0x220A94FE13ABE8FA, 0x9A6EE06DB14ACC9E, 0x21C820FF28B1D5EF];

    /// <summary>Measured: 0.502 ulp.</summary>
    public static IrValue Sin(IrBuilder b, IrValue x)
    {
        var (small, r, odd) = Reduce(b, x);
        var alternated = b.FromBits(b.Xor(b.ToBits(r), odd), IrType.Float64);
        var sine = Wide.Narrow(b, Polynomial(b, b.Select(small, Wide.Widen(b, b.Abs(x)), alternated)));
        return NaNIfInfinite(b, x, WithSignOf(b, x, sine));
    }

    /// <summary>Measured: 0.561 ulp.</summary>
    public static IrValue Cos(IrBuilder b, IrValue x)
    {
        var (small, r, odd) = Reduce(b, x);
        var alternated = b.FromBits(b.Xor(b.ToBits(b.Abs(r)), odd), IrType.Float64);
        var angle = b.Select(small, Wide.Widen(b, b.Abs(x)), alternated);
        var sign = b.And(b.ToBits(angle), b.SignMask(IrType.Float64));
        var cosine = Wide.Narrow(b, b.FromBits(b.Xor(b.ToBits(Polynomial(b, FromPole(b, angle))), sign), IrType.Float64));
        return NaNIfInfinite(b, x, cosine);
    }

    /// <summary>The quotient of both. Measured: 0.696 ulp (next to poles, where r is known to 2^-53).</summary>
    public static IrValue Tan(IrBuilder b, IrValue x)
    {
        var (small, r, _) = Reduce(b, x);
        var angle = b.Select(small, Wide.Widen(b, b.Abs(x)), r);
        var tangent = Wide.Narrow(b, b.Div(Polynomial(b, angle), Polynomial(b, FromPole(b, angle))));
        return NaNIfInfinite(b, x, WithSignOf(b, x, tangent));
    }

    private static IrValue WithSignOf(IrBuilder b, IrValue x, IrValue result) =>
        b.FromBits(b.Xor(b.ToBits(result), b.And(b.ToBits(x), b.SignMask(x.Type))), x.Type);

    /// <summary>pi/2 - |r|, with pi/2 in two terms: cos(r) is the sine of that.</summary>
    private static IrValue FromPole(IrBuilder b, IrValue r) =>
        b.Add(b.Sub(Wide.Constant(b, 0x3FF921FB54442D18), b.Abs(r)), Wide.Constant(b, 0x3C91A62633145C07));

    /// <summary>sin(r) for |r| up to pi/2.</summary>
    private static IrValue Polynomial(IrBuilder b, IrValue r)
    {
        var z = b.Mul(r, r);
        var p = Float32.Polynomial.Horner(b, z, 0xBE59DB1CC2A4CB87, 0x3EC7196917FF9C49, 0xBF2A01905BA4208A, 0x3F811110FDAAF87B, 0xBFC5555555460530);
        return b.Fma(b.Mul(z, r), p, r);
    }

    /// <summary>Infinities have no angle; x * 0 is NaN for them and otherwise a zero of x's sign, which changes nothing.</summary>
    private static IrValue NaNIfInfinite(IrBuilder b, IrValue x, IrValue result) => b.Add(result, b.Mul(x, b.Float32(0)));

    /// <summary>
    /// |x| = k pi + r for |x| from 1 on, as float64, with the parity of k as a sign bit; and whether |x| is smaller, when it is its own r.
    /// (M. Payne, R. Hanek:) The 24-bit significand times a window of 128 bits of 1 / (2 pi), chosen by the exponent, modulo 1: the top bit is
    /// the parity and the rest, taken as signed, r / pi. 88 bits are right, and no float32 is closer to a multiple of pi than 2^-29.
    /// </summary>
    private static (IrValue Small, IrValue Remainder, IrValue Odd) Reduce(IrBuilder b, IrValue x)
    {
        var magnitude = b.Abs(x);
        var bits = b.ToBits(magnitude);
        var position = b.Sub(b.Shr(bits, 23), b.Int32(127));
        var early = b.Eq(b.And(position, b.Int32(64)), b.Int32(0));
        IrValue Word(int index, int shift) => b.Select(early, b.Int64((long)(InverseTwoPi[index] >> shift)), b.Int64((long)(InverseTwoPi[index + 1] >> shift)));

        // Two-word shifts: the lower word is shifted by one already, so that no count reaches 64.
        var shift = b.And(b.Convert(position, IrType.Int64), b.Int64(63));
        var unshift = b.Xor(shift, b.Int64(63));
        IrValue Window(int index) => b.Or(b.Binary(IrOp.ShiftLeft, Word(index, 0), shift), b.Binary(IrOp.ShiftRightLogical, Word(index + 1, 1), unshift));

        var significand = b.Convert(b.Or(b.And(bits, b.Int32(0x7fffff)), b.Int32(0x800000)), IrType.Int64);
        var tail = b.Shr(b.Mul(significand, b.Shr(Window(1), 32)), 32);
        var turn = b.Add(b.Mul(significand, Window(0)), tail); // x / (2 pi) modulo 1, times 2^64
        var halfTurn = b.Shl(turn, 1); // x / pi - k, times 2^64, signed
        var far = b.Mul(b.Convert(halfTurn, IrType.Float64), Wide.Constant(b, 0x3C0921FB54442D18));
        var odd = b.And(b.Xor(turn, halfTurn), b.SignMask(IrType.Float64));
        return (b.Lt(magnitude, b.Float32(1)), far, odd);
    }
}
