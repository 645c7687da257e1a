namespace Fuser.Kernels.Ir.Math.Float32;

/// <summary>log(|gamma(x)|).</summary>
internal static class Gamma
{
    /// <summary>
    /// For a = |x|: from 3 on Stirling's series, below (a - 1)(a - 2) r(a - 2) on [1, 3], and lgamma(a + 1) - log(a) below 1.
    /// Negative x by reflection: log(pi / |x sin(pi x)|) - lgamma(a).
    /// </summary>
    public static IrValue Lgamma(IrBuilder b, IrValue x)
    {
        var one = b.Float64(1);
        var half = b.Float64(0.5);
        var wide = Wide.Widen(b, x);
        var a = b.Abs(wide);
        var log = PreciseLog(b, a);

        var inverse = b.Div(one, a);
        var series = Polynomial.Horner(b, b.Mul(inverse, inverse), 0xBF4AF650A075AA9C, 0x3F4811379302E6CA, 0xBF4352DDED32D44C, 0x3F4A007C3BEFA889, 0xBF66C16B69A41BA7, 0x3FB555555553351B);
        var stirling = b.Fma(b.Sub(a, half), log, b.Sub(b.Fma(series, inverse, Wide.Constant(b, 0x3FED67F1C864BEB5)), a));

        var tiny = b.Lt(a, one);
        var t = b.Sub(a, b.Select(tiny, one, b.Float64(2)));
        var r = Polynomial.Horner(b, t, 0xBE84B4CD7E8C6CAB, 0x3E95978569AC24FC, 0x3E7A98F4DE8D84CD, 0xBE8AFBC5C9894118, 0xBEB4ABA041CF173C, 0x3EC5C7D113658CFF, 0xBECDDF1B90F2EE8D, 0x3EDFFD331405A2F6, 0xBEF2A830EB83959F, 0x3F0427805E48B179, 0xBF15C600770F13A3, 0x3F27EAEFE6399F08, 0xBF3A96BC3B09EB2C, 0x3F4DFED6270BC3A7, 0xBF614511E25B378F, 0x3F74797445935898, 0xBF895CE2242146A0, 0x3FA0E0C9DF674BE1, 0xBFB9AE6509E9FD7C, 0x3FDB0EE6072089DC);
        var product = b.Mul(t, b.Select(tiny, a, b.Sub(a, one)));
        var near = b.Fma(product, r, b.Select(tiny, b.Neg(log), b.Float64(0)));
        var positive = b.Select(b.Lt(a, b.Float64(3)), near, stirling);

        var offset = b.Sub(a, b.Round(a));
        var z = b.Mul(offset, offset);
        var sine = b.Mul(offset, Polynomial.Horner(b, z, 0x3F3D53ABDEB199C1, 0xBF7E29B82AB98EA9, 0x3FB50770F6A5A66B, 0xBFE32D2C9B2D1DF5, 0x400466BC66ED3D1C, 0xC014ABBCE624AD99, 0x400921FB54442BB4));
        var reflected = b.Sub(b.Sub(Wide.Constant(b, 0x3FF250D048E7A1BD), PreciseLog(b, b.Mul(a, b.Abs(sine)))), positive);
        var result = Wide.Narrow(b, b.Select(b.Lt(wide, b.Float64(0)), reflected, positive));

        // Poles at zero and the negative integers (every float32 beyond 2^23 is one); both infinities give +infinity.
        var magnitude = b.Abs(x);
        var infinity = b.Infinity(x.Type);
        var pole = b.And(b.Le(x, b.Float32(0)), b.Eq(b.Floor(x), x));
        var infinite = b.Or(pole, b.Eq(magnitude, infinity));
        return b.Select(infinite, infinity, result);
    }

    private static IrValue PreciseLog(IrBuilder b, IrValue x)
    {
        var e = Wide.Exponent(b, x);
        var m = b.FromBits(b.Sub(b.ToBits(x), b.Shl(e, 52)), IrType.Float64);
        return b.Fma(Wide.FromSmallInteger(b, e), Wide.Constant(b, Wide.Ln2), Precise.Log1pOfMantissa(b, b.Sub(m, b.Float64(1))));
    }
}
