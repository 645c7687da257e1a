using System.Buffers;
using System.Globalization;

namespace Fuser.Host.Hocon;

/// <summary>Durations and sizes as the specification writes them: a number, white space or none, a unit.</summary>
internal static class HoconUnits
{
    private static readonly Dictionary<string, double> Durations = new(StringComparer.Ordinal)
    {
        ["ns"] = 1e-9, ["nano"] = 1e-9, ["nanos"] = 1e-9, ["nanosecond"] = 1e-9, ["nanoseconds"] = 1e-9,
        ["us"] = 1e-6, ["micro"] = 1e-6, ["micros"] = 1e-6, ["microsecond"] = 1e-6, ["microseconds"] = 1e-6,
        [""] = 1e-3, ["ms"] = 1e-3, ["milli"] = 1e-3, ["millis"] = 1e-3, ["millisecond"] = 1e-3, ["milliseconds"] = 1e-3,
        ["s"] = 1, ["second"] = 1, ["seconds"] = 1,
        ["m"] = 60, ["minute"] = 60, ["minutes"] = 60,
        ["h"] = 3600, ["hour"] = 3600, ["hours"] = 3600,
        ["d"] = 86400, ["day"] = 86400, ["days"] = 86400,
    };

    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.+-");

    private static readonly Dictionary<string, decimal> Sizes = SizeUnits();

    /// <summary>Reads a duration such as <c>5s</c>, <c>100 ms</c> or <c>2 minutes</c>; without a unit it is milliseconds.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = default;
        if (!TrySplit(text, out var number, out var unit) || !Durations.TryGetValue(unit, out var seconds))
        {
            return false;
        }

        var ticks = Math.Round((double)number * seconds * TimeSpan.TicksPerSecond);
        if (Math.Abs(ticks) > TimeSpan.MaxValue.Ticks / 2)
        {
            return false;
        }

        duration = TimeSpan.FromTicks((long)ticks);
        return true;
    }

    /// <summary>Reads a size such as <c>512MiB</c>, <c>1 kB</c> or <c>2g</c> in bytes; without a unit it is bytes.</summary>
    public static bool TryParseSize(string text, out long bytes)
    {
        bytes = 0;
        if (!TrySplit(text, out var number, out var unit) || !Sizes.TryGetValue(unit, out var factor) || number > long.MaxValue / factor || number < 0)
        {
            return false;
        }

        bytes = (long)(number * factor);
        return true;
    }

    private static bool TrySplit(string text, out decimal number, out string unit)
    {
        var trimmed = text.AsSpan().Trim();
        var length = trimmed.IndexOfAnyExcept(NumberCharacters);
        length = length < 0 ? trimmed.Length : length;
        unit = trimmed[length..].TrimStart().ToString();
        return decimal.TryParse(trimmed[..length], NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
    }

    private static Dictionary<string, decimal> SizeUnits()
    {
        var units = new Dictionary<string, decimal>(StringComparer.Ordinal) { [""] = 1, ["B"] = 1, ["b"] = 1, ["byte"] = 1, ["bytes"] = 1 };
        (string Letter, string Decimal, string Binary)[] powers = [("k", "kilo", "kibi"), ("m", "mega", "mebi"), ("g", "giga", "gibi"), ("t", "tera", "tebi"), ("p", "peta", "pebi"), ("e", "exa", "exbi")];
        decimal thousands = 1, binary = 1;
        foreach (var (letter, name, binaryName) in powers)
        {
            thousands *= 1000;
            binary *= 1024;
            var capital = letter.ToUpperInvariant();
            units[letter == "k" ? "kB" : capital + "B"] = thousands;
            units[name + "byte"] = units[name + "bytes"] = thousands;
            units[letter] = units[capital] = units[capital + "i"] = units[capital + "iB"] = binary;
            units[binaryName + "byte"] = units[binaryName + "bytes"] = binary;
        }

        return units;
    }
}
