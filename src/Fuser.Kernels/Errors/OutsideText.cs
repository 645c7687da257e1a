using System.Globalization;
using System.Text;

namespace Fuser.Kernels;

/// <summary>
/// Text that came from outside (names in graphs and files, headers, settings) and goes into an error. It may neither steer a terminal nor look like a line of a log that
/// nobody wrote, so what is not to be seen is written as its code: controls, marks that turn the direction of writing, halves of characters.
/// </summary>
internal static class OutsideText
{
    /// <summary>The text on one line, shortened to a number of characters.</summary>
    public static string Shown(string text, int most = 80) =>
        text.Length > most ? Escape(text[..most], keepLines: false) + "..." : Escape(text, keepLines: false);

    /// <summary>A whole message, whose own line breaks stay.</summary>
    public static string Clean(string message) => Escape(message, keepLines: true);

    private static string Escape(string text, bool keepLines)
    {
        var first = 0;
        while (first < text.Length && IsPlain(text, first, keepLines))
        {
            first++;
        }

        if (first == text.Length)
        {
            return text;
        }

        var escaped = new StringBuilder(text, 0, first, text.Length + 16);
        for (var i = first; i < text.Length; i++)
        {
            if (IsPlain(text, i, keepLines))
            {
                escaped.Append(text[i]);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
            }
        }

        return escaped.ToString();
    }

    private static bool IsPlain(string text, int i, bool keepLines) => text[i] switch
    {
        >= ' ' and <= '~' => true,
        '\n' => keepLines,
        '\r' => keepLines && i + 1 < text.Length && text[i + 1] == '\n',
        var c when char.IsHighSurrogate(c) => i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]),
        var c when char.IsLowSurrogate(c) => i > 0 && char.IsHighSurrogate(text[i - 1]),
        var c => char.GetUnicodeCategory(c) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator),
    };
}
