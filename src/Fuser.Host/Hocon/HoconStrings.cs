using System.Globalization;
using System.Text;

namespace Fuser.Host.Hocon;

/// <summary>Reads the three forms of text: quoted as in JSON, between triple quotes, and unquoted.</summary>
internal static class HoconStrings
{
    /// <summary>Characters that unquoted text may not have.</summary>
    public const string Reserved = "$\"{}[]:=,+#`^?!@*&\\";

    /// <summary>Takes quoted text; the cursor is at its first quote.</summary>
    public static string TakeQuoted(HoconCursor cursor, HoconLimits limits) =>
        cursor.StartsWith("\"\"\"") ? TakeTripleQuoted(cursor, limits) : TakeJsonString(cursor, limits);

    /// <summary>Takes unquoted text up to white space, a comment or a reserved character; numbers with a signed exponent are whole.</summary>
    /// <returns>The text, not empty.</returns>
    /// <exception cref="HoconException">A reserved character is here.</exception>
    public static string TakeUnquoted(HoconCursor cursor, HoconLimits limits)
    {
        var text = new StringBuilder();
        while (!cursor.AtEnd && !cursor.AtComment && !HoconCursor.IsBlank(cursor.Current))
        {
            if (Reserved.Contains(cursor.Current) && !IsSignOfExponent(cursor, text))
            {
                break;
            }

            if (char.IsControl(cursor.Current))
            {
                throw cursor.Error($"got {cursor.Here} outside quotes; remove it, or write it as an escape in quotes");
            }

            Append(text, cursor, limits);
        }

        return text.Length > 0 ? text.ToString() : throw cursor.Error($"got {cursor.Here}, wanted a value; text with that character stands in double quotes");
    }

    /// <summary>Whether the cursor is at the plus of a number such as 1.5e+3: the only reserved character a number has.</summary>
    private static bool IsSignOfExponent(HoconCursor cursor, StringBuilder text) =>
        cursor.Current == '+' && char.IsAsciiDigit(cursor.Peek(1)) && text.Length > 1 && text[^1] is 'e' or 'E'
        && double.TryParse(text.ToString(0, text.Length - 1), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _);

    private static string TakeJsonString(HoconCursor cursor, HoconLimits limits)
    {
        var start = cursor.Place;
        var text = new StringBuilder();
        cursor.Take();
        while (!cursor.TryTake('"'))
        {
            if (cursor.AtEnd || cursor.Current == '\n')
            {
                throw new HoconException(start, "the text has no closing quote on its line; close it, or use triple quotes for text over several lines");
            }

            if (cursor.Current < ' ')
            {
                throw cursor.Error($"got {cursor.Here} in quoted text; write it as an escape such as \\t or \\u{(int)cursor.Current:x4}");
            }

            if (cursor.Current == '\\')
            {
                text.Append(TakeEscape(cursor));
            }
            else
            {
                Append(text, cursor, limits);
            }
        }

        return text.ToString();
    }

    private static char TakeEscape(HoconCursor cursor)
    {
        var place = cursor.Place;
        cursor.Take();
        var c = cursor.AtEnd ? '\0' : cursor.Take();
        switch (c)
        {
            case '"' or '\\' or '/':
                return c;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u':
                var digits = string.Concat(Enumerable.Range(0, 4).Select(cursor.Peek));
                if (digits.All(char.IsAsciiHexDigit))
                {
                    cursor.Skip(4);
                    return (char)ushort.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
                }

                break;
        }

        throw new HoconException(place, "the escape is none of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX; double the backslash if one is meant");
    }

    /// <summary>Everything up to the last of three or more quotes is the text, as the specification takes it from Scala.</summary>
    private static string TakeTripleQuoted(HoconCursor cursor, HoconLimits limits)
    {
        var start = cursor.Place;
        var text = new StringBuilder();
        cursor.Skip(3);
        while (!cursor.StartsWith("\"\"\"") || cursor.Peek(3) == '"')
        {
            if (cursor.AtEnd)
            {
                throw new HoconException(start, "the text has no closing \"\"\"");
            }

            Append(text, cursor, limits);
        }

        cursor.Skip(3);
        return text.ToString();
    }

    private static void Append(StringBuilder text, HoconCursor cursor, HoconLimits limits)
    {
        if (text.Length >= limits.MaxTextLength)
        {
            throw cursor.Error($"a text is longer than {limits.MaxTextLength} characters; settings hold file names and not files");
        }

        text.Append(cursor.Take());
    }
}
