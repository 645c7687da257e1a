using System.Text;

namespace Fuser.Host.Telemetry;

/// <summary>Names of metrics and labels as Prometheus has them, by the rules OpenTelemetry gives for that.</summary>
internal static class PrometheusName
{
    /// <summary>Name of a metric: the unit in plain words behind it, and <c>_total</c> behind counters.</summary>
    public static string Of(string instrument, string? unit, bool isCounter)
    {
        var name = Clean(instrument);
        var suffix = unit switch
        {
            "s" => "seconds",
            "ms" => "milliseconds",
            "By" => "bytes",
            "%" => "percent",
            null or "" or "1" or ['{', ..] => "",
            _ => Clean(unit),
        };
        if (suffix.Length > 0 && !name.EndsWith("_" + suffix, StringComparison.Ordinal))
        {
            name += "_" + suffix;
        }

        return isCounter && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    /// <summary>Labels as they stand between braces, in order of their names; empty without any.</summary>
    public static string Labels(IEnumerable<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags.OrderBy(tag => tag.Key, StringComparer.Ordinal))
        {
            text.Append(text.Length > 0 ? "," : "").Append(Clean(name)).Append("=\"");
            Escape(text, Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "");
            text.Append('"');
        }

        return text.ToString();
    }

    /// <summary>Text for a line of help.</summary>
    public static string Help(string text) => text.Replace("\\", "\\\\").Replace("\n", "\\n");

    private static void Escape(StringBuilder text, string value)
    {
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' => text.Append("\\\\"),
                '"' => text.Append("\\\""),
                '\n' => text.Append("\\n"),
                _ => text.Append(c),
            };
        }
    }

    private static string Clean(string name)
    {
        var clean = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' ? c : '_'));
        return clean.Length > 0 && char.IsAsciiDigit(clean[0]) ? "_" + clean : clean;
    }
}
