using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Fuser.Kernels;
using Fuser.Kernels.Tensors;

namespace Fuser.Host.Inputs;

/// <summary>Numbers on the command line. As in Python, 3 is an integer and 3.0 a float: the difference decides result types.</summary>
internal static class NumberText
{
    /// <summary>Reads a number, or says that the text is none.</summary>
    /// <exception cref="InputException">An integer does not fit 64 bits.</exception>
    public static bool TryParse(string text, [NotNullWhen(true)] out FuserValue? value)
    {
        value = text.ToLowerInvariant() switch
        {
            "true" => true,
            "false" => false,
            "inf" or "+inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            "nan" => double.NaN,
            _ => null,
        };
        if (value is not null || text.Length == 0 || !(char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.'))
        {
            return value is not null;
        }

        var digits = text.AsSpan(text[0] is '-' or '+' ? 1 : 0);
        if (!digits.IsEmpty && !digits.ContainsAnyExceptInRange('0', '9'))
        {
            value = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)
                ? integer
                : throw new InputException(ErrorCodes.InputDType, $"the integer {text} does not fit 64 bits. Write it as a float ({text}.0) if that is meant");
        }
        else if (double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var number))
        {
            value = number;
        }

        return value is not null;
    }
}
