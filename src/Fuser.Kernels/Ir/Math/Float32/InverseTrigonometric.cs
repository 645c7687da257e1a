namespace Fuser.Kernels.Ir.Math.Float32;

/// <summary>asin, acos, atan and atan2, in float64: polynomials good to 3e-12, so that the last rounding makes the error (measured: 0.501 ulp each).</summary>
internal static class InverseTrigonometric
{
    private const ulong Pi = 0x400921FB54442D18;
    private const ulong HalfPi = 0x3FF921FB54442D18;
    private const ulong QuarterPi = 0x3FE921FB54442D18;
    private const ulong TanPiOver8 = 0x3FDA827999FCEF32;

    public static IrValue Asin(IrBuilder b, IrValue x)
    {
        var (reduced, arc) = AsinParts(b, x);
        var magnitude = b.Select(reduced, arc, b.Fma(arc, b.Float64(-2), Wide.Constant(b, HalfPi)));
        return Signs.Apply(b, Wide.Narrow(b, magnitude), x);
    }

    public static IrValue Acos(IrBuilder b, IrValue x)
    {
        var (reduced, arc) = AsinParts(b, x);
        var negative = b.Lt(x, b.Float32(0));
        var near = b.Sub(Wide.Constant(b, HalfPi), b.Select(negative, b.Neg(arc), arc));
        var twice = b.Add(arc, arc);
        var far = b.Select(negative, b.Sub(Wide.Constant(b, Pi), twice), twice);
        return Wide.Narrow(b, b.Select(reduced, near, far));
    }

    public static IrValue Atan(IrBuilder b, IrValue x)
    {
        var magnitude = b.Abs(x);
        var large = b.Lt(b.Float32(1), magnitude);
        var one = b.Float32(1);
        var arc = AtanOfRatio(b, Wide.Widen(b, b.Select(large, one, magnitude)), Wide.Widen(b, b.Select(large, magnitude, one)));
        var result = b.Select(large, b.Sub(Wide.Constant(b, HalfPi), arc), arc);
        return Signs.Apply(b, Wide.Narrow(b, result), x);
    }

    /// <summary>The angle of the point (x, y), with the conventions of C99 for zeros and infinities.</summary>
    public static IrValue Atan2(IrBuilder b, IrValue y, IrValue x)
    {
        var absY = b.Abs(y);
        var absX = b.Abs(x);
        var steep = b.Lt(absX, absY);
        var infinity = b.Infinity(x.Type);
        var one = b.Float32(1);
        var bothInfinite = b.And(b.Eq(absX, infinity), b.Eq(absY, infinity));
        var bothZero = b.And(b.Eq(x, b.Float32(0)), b.Eq(y, b.Float32(0)));
        var numerator = b.Select(bothInfinite, one, b.Select(steep, absX, absY));
        var denominator = b.Select(b.Or(bothInfinite, bothZero), one, b.Select(steep, absY, absX));
        var arc = AtanOfRatio(b, Wide.Widen(b, numerator), Wide.Widen(b, denominator));
        var steepened = b.Select(steep, b.Sub(Wide.Constant(b, HalfPi), arc), arc);
        var leftward = b.Lt(b.ToBits(x), b.Int32(0));
        var result = b.Select(leftward, b.Sub(Wide.Constant(b, Pi), steepened), steepened);
        return Signs.Apply(b, Wide.Narrow(b, result), y);
    }

    /// <summary>For |x| up to 1/2 (the flag) asin(|x|); beyond it asin(sqrt((1 - |x|) / 2)), of which acos is the double. NaN beyond 1.</summary>
    private static (IrValue Small, IrValue Arc) AsinParts(IrBuilder b, IrValue x)
    {
        var magnitude = Wide.Widen(b, b.Abs(x));
        var half = b.Float64(0.5);
        var small = b.Le(magnitude, half);
        var z = b.Select(small, b.Mul(magnitude, magnitude), b.Fma(magnitude, b.Float64(-0.5), half));
        var s = b.Select(small, magnitude, b.Sqrt(z));
        var p = Polynomial.Horner(b, z, 0x3F9E3BAF529B9D80, 0x3F7582D33909B3D0, 0x3F93D63A70E70005, 0x3F96A6F6A01F3B1B, 0x3F9F20CFF106A5F1, 0x3FA6DB5BA110AFEC, 0x3FB333334F9C02B3, 0x3FC55555554E0559);
        return (small, b.Fma(b.Mul(s, z), p, s));
    }

    /// <summary>atan(n / d) for 0 &lt;= n &lt;= d: beyond tan(pi/8) it is pi/4 + atan((n - d) / (n + d)).</summary>
    private static IrValue AtanOfRatio(IrBuilder b, IrValue n, IrValue d)
    {
        var upper = b.Lt(b.Mul(d, Wide.Constant(b, TanPiOver8)), n);
        var t = b.Div(b.Select(upper, b.Sub(n, d), n), b.Select(upper, b.Add(n, d), d));
        var z = b.Mul(t, t);
        var p = Polynomial.Horner(b, z, 0xBFA4C0979D996F79, 0x3FB24793061CFEF1, 0xBFB71DE2E4B79EBF, 0x3FBC6F775675D3EB, 0xBFC2491C559B9CCD, 0x3FC99999837C4335, 0xBFD5555555507ADA);
        var arc = b.Fma(b.Mul(t, z), p, t);
        return b.Select(upper, b.Add(Wide.Constant(b, QuarterPi), arc), arc);
    }
}
