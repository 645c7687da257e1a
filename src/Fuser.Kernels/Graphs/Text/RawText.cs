namespace Fuser.Kernels.Graphs.Text;

/// <summary>Passes over text that is kept as it is, minding brackets and strings only.</summary>
internal static class RawText
{
    /// <summary>Passes a bracket and everything in it; the reader stands on the opening bracket.</summary>
    public static void SkipBracket(GraphTextReader reader) => Skip(reader, stopAtDelimiter: false);

    /// <summary>Passes a literal up to the comma or bracket that ends it, which is not passed.</summary>
    public static void SkipLiteral(GraphTextReader reader) => Skip(reader, stopAtDelimiter: true);

    private static void Skip(GraphTextReader reader, bool stopAtDelimiter)
    {
        var start = reader.Position;
        var text = reader.Rest;
        var depth = 0;
        var quote = '\0';
        for (var i = 0; i < text.Length && text[i] is not ('\n' or '\r'); i++)
        {
            if (i > reader.Limits.MaxStringLength)
            {
                throw reader.TooMuch("a literal", reader.Limits.MaxStringLength, "characters", nameof(GraphTextLimits.MaxStringLength));
            }

            var c = text[i];
            if (quote != '\0')
            {
                quote = c == quote ? '\0' : quote;
                i += c == '\\' ? 1 : 0;
                continue;
            }

            if (stopAtDelimiter && depth == 0 && (c is ',' or ']'))
            {
                reader.Advance(i);
                return;
            }

            quote = c is '"' or '\'' ? c : '\0';
            depth += c is '(' or '[' or '{' ? 1 : c is ')' or ']' or '}' ? -1 : 0;
            if (depth == 0 && !stopAtDelimiter)
            {
                reader.Advance(i + 1);
                return;
            }
        }

        throw GraphTextReader.Error(ErrorCodes.GraphSyntax, "the bracket or literal that starts here does not end on its line. Close it.", start);
    }
}
