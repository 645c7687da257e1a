namespace Fuser.Kernels.Ir.Math.Float32;

/// <summary>Float64 cores good to about 2^-50, for functions that magnify or cancel the error of what is inside.</summary>
internal static class Precise
{
    /// <summary>exp(r) - 1 for |r| at most ln2/2: degree 12, 2^-53.</summary>
    public static IrValue Expm1OfRemainder(IrBuilder b, IrValue r)
    {
        var q = Polynomial.Horner(b, r, 0x3E21F730B86989DA, 0x3E5AF4DF7E870362, 0x3E927E4DB6075799, 0x3EC71DE022AA7C92, 0x3EFA01A01A6D9C97, 0x3F2A01A01ABEA2DA, 0x3F56C16C16C162D2, 0x3F811111111100D8, 0x3FA5555555555556, 0x3FC5555555555557, 0x3FE0000000000000);
        return b.Fma(b.Mul(r, r), q, r);
    }

    /// <summary>2^x for |x| up to 1000.</summary>
    public static IrValue Exp2(IrBuilder b, IrValue x)
    {
        var shift = Wide.Constant(b, 0x43380000000003FF);
        var shifted = b.Add(x, shift);
        var r = b.Mul(b.Sub(x, b.Sub(shifted, shift)), Wide.Constant(b, Wide.Ln2));
        var scale = b.FromBits(b.Shl(b.ToBits(shifted), 52), IrType.Float64);
        return b.Fma(scale, Expm1OfRemainder(b, r), scale);
    }

    /// <summary>log2(x) for positive, normal, finite x: log m = 2 atanh(f / (2 + f)).</summary>
    public static IrValue Log2(IrBuilder b, IrValue x)
    {
        var e = Wide.Exponent(b, x);
        var m = b.FromBits(b.Sub(b.ToBits(x), b.Shl(e, 52)), IrType.Float64);
        var f = b.Sub(m, b.Float64(1));
        return b.Fma(Log1pOfMantissa(b, f), Wide.Constant(b, Wide.Log2E), Wide.FromSmallInteger(b, e));
    }

    /// <summary>log(1 + f) for 1 + f in [sqrt(1/2), sqrt(2)), relative error 2^-52: f - s (f - s^2 p) with s = f / (2 + f).</summary>
    public static IrValue Log1pOfMantissa(IrBuilder b, IrValue f)
    {
        var s = b.Div(f, b.Add(f, b.Float64(2)));
        var z = b.Mul(s, s);
        var p = Polynomial.Horner(b, z, 0x3FC2B5B5FB2EAC92, 0x3FC39FE208C33457, 0x3FC7462B69705382, 0x3FCC71C62DEBF86B, 0x3FD2492492DF6947, 0x3FD99999999952B2, 0x3FE5555555555558);
        return b.Sub(f, b.Mul(s, b.Fma(b.Neg(z), p, f)));
    }
}
