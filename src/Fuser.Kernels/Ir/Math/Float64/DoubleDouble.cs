using static Fuser.Kernels.Ir.Math.Float64.F64;

namespace Fuser.Kernels.Ir.Math.Float64;

/// <summary>
/// An unevaluated sum High + Low, for the steps that need more than 53 bits. The error-free transformations are Dekker's and
/// Knuth's (Handbook of Floating-Point Arithmetic, 2nd edition, 4.3 and 4.4); they hold because every primitive rounds once.
/// </summary>
internal readonly record struct DoubleDouble(F64 High, F64 Low)
{
    /// <summary>a + b exactly.</summary>
    public static DoubleDouble Sum(F64 a, F64 b)
    {
        var sum = a + b;
        var partOfB = sum - a;
        return new(sum, (a - (sum - partOfB)) + (b - partOfB));
    }

    /// <summary>a + b exactly, if |a| is not below |b| or a is 0.</summary>
    public static DoubleDouble OrderedSum(F64 a, F64 b)
    {
        var sum = a + b;
        return new(sum, b - (sum - a));
    }

    /// <summary>a * b exactly, unless the low part is subnormal.</summary>
    public static DoubleDouble Product(F64 a, F64 b)
    {
        var product = a * b;
        return new(product, Fma(a, b, -product));
    }

    /// <summary>(a + aLow) * b: the product of a double-double and a number.</summary>
    public static DoubleDouble Product(F64 a, F64 aLow, F64 b)
    {
        var product = a * b;
        return new(product, Fma(a, b, -product) + (aLow * b));
    }

    /// <summary>(n.High + n.Low) / (d.High + d.Low) with a relative error of about 2^-100, by one division and a remainder.</summary>
    public static DoubleDouble Quotient(DoubleDouble n, DoubleDouble d)
    {
        var inverse = 1 / d.High;
        var quotient = n.High * inverse;
        var remainder = Fma(-quotient, d.High, n.High) + Fma(-quotient, d.Low, n.Low);
        return new(quotient, remainder * inverse);
    }

    /// <summary>The same quotient, rounded to one number.</summary>
    public static F64 RoundedQuotient(DoubleDouble n, DoubleDouble d)
    {
        var inverse = 1 / d.High;
        var quotient = n.High * inverse;
        var remainder = Fma(-quotient, d.High, n.High) + Fma(-quotient, d.Low, n.Low);
        return Fma(remainder, inverse, quotient);
    }
}
