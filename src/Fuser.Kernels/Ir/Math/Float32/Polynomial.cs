namespace Fuser.Kernels.Ir.Math.Float32;

/// <summary>Polynomials in Horner form, one fused multiply-add per degree: the fewest operations and the smallest error.</summary>
internal static class Polynomial
{
    /// <summary>The polynomial whose coefficients are given as bits of <paramref name="x"/>'s type, highest power first.</summary>
    public static IrValue Horner(IrBuilder b, IrValue x, params ReadOnlySpan<ulong> bits)
    {
        var sum = b.Constant(x.Type, bits[0]);
        foreach (var coefficient in bits[1..])
        {
            sum = b.Fma(sum, x, b.Constant(x.Type, coefficient));
        }

        return sum;
    }
}
