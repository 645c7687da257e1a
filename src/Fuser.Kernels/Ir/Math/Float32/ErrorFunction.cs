namespace Fuser.Kernels.Ir.Math.Float32;

/// <summary>erf and erfc.</summary>
internal static class ErrorFunction
{
    /// <summary>Up to 1 x p(x^2); beyond it 1 - exp(-q(x)), since -log(erfc(x)) is smooth.</summary>
    public static IrValue Erf(IrBuilder b, IrValue x)
    {
        var magnitude = b.Abs(x);
        var a = Wide.Widen(b, b.Select(b.Lt(b.Float32(4), magnitude), b.Float32(4), magnitude));
        var near = b.Mul(a, Polynomial.Horner(b, b.Mul(a, a), 0x3EB1C92AF9B1696E, 0xBEED2E0DA2C42FEA, 0x3F1F586D9EFC6F33, 0xBF4BFE237E4B2505, 0x3F756589849B90A3, 0xBF9B82CBBBCD97E6, 0x3FBCE2F20ADEF932, 0xBFD812746ADF8241, 0x3FF20DD750428D5C));
        var q = Polynomial.Horner(b, a, 0xBE5478D916993146, 0x3EA2FBED74B1A555, 0xBEDF10F724E9D407, 0x3F0CC0268A31120A, 0xBF2E7B4A134751E0, 0x3F361219E12BD1B6, 0x3F653C25A5C99BBC, 0xBF977C55412AC7AF, 0x3FBB34C4003980B8, 0x3FE44DF016A8AE81, 0x3FF210E87F66003D, 0xBF1F4B095624AFB7);
        var far = b.Sub(b.Float64(1), Wide.Exp(b, b.Neg(q)));
        return Signs.Apply(b, Wide.Narrow(b, b.Select(b.Lt(a, b.Float64(1)), near, far)), x);
    }

    /// <summary>exp(-x^2) / (x + 3) times a polynomial in (x - 3) / (x + 3), reflected for negative x.</summary>
    public static IrValue Erfc(IrBuilder b, IrValue x)
    {
        var magnitude = b.Abs(x);
        var limit = b.Float32(10.2f);
        var a = Wide.Widen(b, b.Select(b.Lt(limit, magnitude), limit, magnitude));
        var three = b.Float64(3);
        var inverse = b.Div(b.Float64(1), b.Add(a, three));
        var t = b.Mul(b.Sub(a, three), inverse);
        var p = Polynomial.Horner(b, t, 0xBED67074D931454D, 0xBEEE752EBC61336F, 0x3F00CD317B3B3F8E, 0x3F1BD9C7FA0AE085, 0xBF3233DD878EC9F5, 0xBF41F4FC29ED761C, 0x3F68DB6EC7E31CEE, 0xBF53DD6A0746E5EF, 0xBF9B789B7D94C416, 0x3FBE995F1F49E18B, 0xBFD3DEB21213DD2F, 0x3FE2E326944D706D, 0xBFEC44C471BEB0EB, 0x3FF12F21DDDA0547);
        var positive = b.Mul(b.Mul(Wide.Exp(b, b.Neg(b.Mul(a, a))), inverse), p);
        var result = b.Select(b.Lt(x, b.Float32(0)), b.Sub(b.Float64(2), positive), positive);
        return Wide.Narrow(b, result);
    }
}
