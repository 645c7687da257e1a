using System.Globalization;

namespace Fuser.Host.Hocon;

/// <summary>Walks over the characters of one file and knows where it is.</summary>
internal sealed class HoconCursor(string file, string text)
{
    private int _index;
    private int _line = 1;
    private int _lineStart;

    public HoconPlace Place => new(file, _line, _index - _lineStart + 1);

    public bool AtEnd => _index >= text.Length;

    /// <summary>The character here; a NUL at the end, which no rule accepts.</summary>
    public char Current => Peek(0);

    public char Peek(int ahead) => _index + ahead < text.Length ? text[_index + ahead] : '\0';

    public bool StartsWith(string expected) => text.AsSpan(_index).StartsWith(expected, StringComparison.Ordinal);

    public char Take()
    {
        var c = text[_index++];
        if (c == '\n')
        {
            _line++;
            _lineStart = _index;
        }

        return c;
    }

    public void Skip(int count)
    {
        for (; count > 0; count--)
        {
            Take();
        }
    }

    /// <summary>Takes the character if it is the next one.</summary>
    public bool TryTake(char wanted)
    {
        if (AtEnd || Current != wanted)
        {
            return false;
        }

        Take();
        return true;
    }

    /// <summary>Takes white space up to the end of the line.</summary>
    /// <returns>What was taken.</returns>
    public string TakeBlanks()
    {
        var start = _index;
        while (!AtEnd && Current != '\n' && IsBlank(Current))
        {
            Take();
        }

        return text[start.._index];
    }

    /// <summary>Takes a comment up to, not including, the end of its line.</summary>
    public void SkipComment()
    {
        if (AtComment)
        {
            while (!AtEnd && Current != '\n')
            {
                Take();
            }
        }
    }

    public bool AtComment => Current == '#' || StartsWith("//");

    /// <summary>Takes white space, comments and ends of lines.</summary>
    /// <returns>Whether there was an end of line.</returns>
    public bool SkipLines()
    {
        var any = false;
        while (true)
        {
            TakeBlanks();
            SkipComment();
            if (!TryTake('\n'))
            {
                return any;
            }

            any = true;
        }
    }

    /// <summary>What is here, for an error.</summary>
    public string Here => AtEnd ? "the end of the file" : Current == '\n' ? "the end of the line" : char.IsControl(Current) ? $"the character U+{(int)Current:X4}" : $"'{Current}'";

    public HoconException Error(string message) => new(Place, message);

    /// <summary>White space as the specification has it: Unicode's, the no-break spaces and the byte order mark included.</summary>
    public static bool IsBlank(char c) =>
        char.IsWhiteSpace(c) || c is '\uFEFF' or (>= '\u001C' and <= '\u001F') || char.GetUnicodeCategory(c) is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
