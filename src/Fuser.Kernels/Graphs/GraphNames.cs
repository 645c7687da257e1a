namespace Fuser.Kernels.Graphs;

/// <summary>
/// Which words the text format can write. Model objects check their names here, so that every graph that can be built can also be
/// printed and read back.
/// </summary>
internal static class GraphNames
{
    /// <summary>Letters (of any script, as in Python), digits, and the punctuation PyTorch and ONNX exporters put into names.</summary>
    public static bool IsWordChar(char c) => char.IsLetterOrDigit(c) || c is '_' or '.' or '/' or '$';

    /// <summary>A word, in which two colons in a row count as part of it.</summary>
    /// <returns>The length of the longest word at the start of the text; 0 when there is none.</returns>
    public static int WordLength(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length)
        {
            if (IsWordChar(text[length]))
            {
                length++;
            }
            else if (length > 0 && length + 2 < text.Length && text[length] == ':' && text[length + 1] == ':' && IsWordChar(text[length + 2]))
            {
                length += 2;
            }
            else
            {
                break;
            }
        }

        return length;
    }

    public static string CheckWord(string word, string what)
    {
        if (string.IsNullOrEmpty(word) || WordLength(word) != word.Length)
        {
            throw new GraphException(
                ErrorCodes.GraphSyntax,
                $"'{word}' cannot be {what}. Use letters, digits and the characters _ . / $, with :: between words.");
        }

        return word;
    }

    /// <summary>A Python operation is written with its scalar arguments in the kind: <c>^Dropout(0.5, False)</c>.</summary>
    public static string CheckKind(string kind)
        => kind is ['^', ..] && !kind.AsSpan().ContainsAny('\n', '\r') ? kind : CheckWord(kind, "the kind of a node");

    /// <summary>Comments and scopes end with their line; blanks around them carry no meaning.</summary>
    public static string? CheckRemark(string? remark, string forbidden)
    {
        var text = remark?.Trim();
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return text.AsSpan().IndexOfAny(forbidden) < 0
            ? text
            : throw new GraphException(ErrorCodes.GraphSyntax, $"'{text}' cannot be a comment or scope of a node. Keep it on one line, without '#' in a scope.");
    }
}
