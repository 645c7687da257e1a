namespace Fuser.Compare.References;

/// <summary>What float64 mathematics of .NET lacks.</summary>
internal static class SpecialFunctions
{
    private const double TwoOverRootPi = 1.1283791670955126;

    /// <summary>The error function: a series of positive terms near 0, a continued fraction for its complement elsewhere; good to about 1e-15.</summary>
    public static double Erf(double x)
    {
        var a = Math.Abs(x);
        return a < 2.5 ? Math.CopySign(Series(a), x)
            : a < 6.5 ? Math.CopySign(1 - Complement(a), x)
            : double.IsNaN(x) ? x
            : Math.Sign(x);
    }

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    public static double Normal(double d) => 0.5 * (1 + Erf(d * Math.Sqrt(0.5)));

    /// <summary>2/sqrt(pi) e^(-x^2) (x + 2/3 x^3 + 4/15 x^5 + ...).</summary>
    private static double Series(double x)
    {
        var (sum, term) = (0.0, x);
        for (var k = 1; sum + term != sum; k++)
        {
            sum += term;
            term *= 2 * x * x / ((2 * k) + 1);
        }

        return TwoOverRootPi * Math.Exp(-x * x) * sum;
    }

    /// <summary>e^(-x^2)/sqrt(pi) / (x + (1/2)/(x + 1/(x + (3/2)/(x + ...)))), from the inside.</summary>
    private static double Complement(double x)
    {
        var fraction = x;
        for (var k = 60; k > 0; k--)
        {
            fraction = x + (k / 2.0 / fraction);
        }

        return Math.Exp(-x * x) * TwoOverRootPi / 2 / fraction;
    }
}
