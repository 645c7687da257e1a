using System.Globalization;

namespace Fuser.Kernels.Graphs.Text;

/// <summary>Doubles as PyTorch prints them, exact in both directions.</summary>
internal static class FloatText
{
    private const int SignificantDigits = 17;

    /// <summary>
    /// Whole numbers below 1e10 as <c>1.</c> or <c>-0.</c>, everything else with up to 17 significant digits in C's %g layout
    /// (<c>0.10000000000000001</c>, <c>1e-08</c>, <c>10000000000</c>), and <c>inf</c>, <c>-inf</c>, <c>nan</c>.
    /// </summary>
    public static string Print(double value)
    {
        if (Math.Abs(value) < 1e10 && Math.Floor(value) == value && !double.IsSubnormal(value))
        {
            var sign = double.IsNegative(value) ? "-" : "";
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{(long)Math.Abs(value)}.");
        }

        return Digits(value, SignificantDigits);
    }

    /// <summary>With the fewest digits, six or more, that read back as the same number: how elements of tensors are printed.</summary>
    public static string PrintShort(double value)
    {
        for (var digits = 6; digits < SignificantDigits; digits++)
        {
            var text = Digits(value, digits);
            if (!double.IsFinite(value) || Parse(text) == value)
            {
                return text;
            }
        }

        return Digits(value, SignificantDigits);
    }

    /// <summary>Reads a number; the nearest double is taken, and one too large is infinite.</summary>
    public static double Parse(ReadOnlySpan<char> text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>C's %.Ng: scientific when the exponent is below -4 or at least N, no trailing zeros.</summary>
    private static string Digits(double value, int digits)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        var scientific = value.ToString("E" + (digits - 1), CultureInfo.InvariantCulture);
        var e = scientific.IndexOf('E');
        var exponent = int.Parse(scientific.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (exponent >= -4 && exponent < digits)
        {
            var text = Fixed(scientific.AsSpan(0, e), exponent);
            return text.Contains('.') ? text.TrimEnd('0').TrimEnd('.') : text;
        }

        var mantissa = scientific[..e];
        mantissa = mantissa.Contains('.') ? mantissa.TrimEnd('0').TrimEnd('.') : mantissa;
        return string.Create(CultureInfo.InvariantCulture, $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
    }

    /// <summary>Moves the point of <c>-d.ddd</c> by the exponent. The digits stay as they are: rounding again could change them.</summary>
    private static string Fixed(ReadOnlySpan<char> mantissa, int exponent)
    {
        var sign = mantissa[0] == '-' ? "-" : "";
        var digits = mantissa.ToString().Replace("-", "").Replace(".", "");
        if (exponent < 0)
        {
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        }

        return exponent + 1 >= digits.Length
            ? sign + digits.PadRight(exponent + 1, '0')
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }
}
