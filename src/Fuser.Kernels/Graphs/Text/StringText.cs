using System.Text;

namespace Fuser.Kernels.Graphs.Text;

/// <summary>Quoted strings as PyTorch prints them: printable ASCII as it is, everything else as escapes of its UTF-8 bytes.</summary>
internal static class StringText
{
    private const string EscapedLetters = "abtnvfr";
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static void Print(StringBuilder output, string value)
    {
        output.Append('"');
        foreach (var b in Encode(value))
        {
            switch (b)
            {
                case (byte)'\\' or (byte)'\'' or (byte)'"':
                    output.Append('\\').Append((char)b);
                    break;
                case >= 7 and <= 13:
                    output.Append('\\').Append(EscapedLetters[b - 7]);
                    break;
                case >= 32 and < 127:
                    output.Append((char)b);
                    break;
                default:
                    output.Append('\\').Append((char)('0' + (b >> 6))).Append((char)('0' + ((b >> 3) & 7))).Append((char)('0' + (b & 7)));
                    break;
            }
        }

        output.Append('"');
    }

    /// <summary>Reads a string in double or single quotes; the reader stands on the opening quote.</summary>
    public static string Parse(GraphTextReader reader)
    {
        var start = reader.Position;
        var quote = reader.Next;
        reader.Advance(1);
        var length = ContentLength(reader, quote, start);
        var content = reader.Rest[..length];
        var bytes = new List<byte>(length);
        Span<byte> utf8 = stackalloc byte[4];
        for (var i = 0; i < content.Length;)
        {
            if (content[i] == '\\')
            {
                i += Escape(content[i..], bytes, reader, start);
            }
            else
            {
                _ = Rune.DecodeFromUtf16(content[i..], out var rune, out var consumed);
                bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
                i += consumed;
            }
        }

        reader.Advance(length + 1);
        return Decode(bytes, start);
    }

    private static int ContentLength(GraphTextReader reader, char quote, SourcePosition start)
    {
        var rest = reader.Rest;
        for (var i = 0; i < rest.Length && rest[i] != '\n'; i++)
        {
            if (i > reader.Limits.MaxStringLength)
            {
                throw reader.TooMuch("a string", reader.Limits.MaxStringLength, "characters", nameof(GraphTextLimits.MaxStringLength));
            }

            if (rest[i] == quote)
            {
                return i;
            }

            if (rest[i] == '\\')
            {
                i++;
            }
        }

        throw GraphTextReader.Error(ErrorCodes.BadLiteral, $"the string has no closing {quote} on its line. Add it, or escape quotes inside as \\{quote}.", start);
    }

    private static int Escape(ReadOnlySpan<char> text, List<byte> bytes, GraphTextReader reader, SourcePosition start)
    {
        var c = text[1];
        var letter = EscapedLetters.IndexOf(c);
        if (letter >= 0)
        {
            bytes.Add((byte)(letter + 7));
            return 2;
        }

        if (c is '\\' or '\'' or '"')
        {
            bytes.Add((byte)c);
            return 2;
        }

        if (text.Length >= 4 && c is >= '0' and <= '3' && text[2] is >= '0' and <= '7' && text[3] is >= '0' and <= '7')
        {
            bytes.Add((byte)(((c - '0') << 6) | ((text[2] - '0') << 3) | (text[3] - '0')));
            return 4;
        }

        throw GraphTextReader.Error(
            ErrorCodes.BadLiteral,
            $"the string has an escape that is not known. Known are \\\\ \\' \\\" \\a \\b \\t \\n \\v \\f \\r and three octal digits.",
            start);
    }

    private static byte[] Encode(string value)
    {
        try
        {
            return StrictUtf8.GetBytes(value);
        }
        catch (EncoderFallbackException e)
        {
            throw new GraphException(ErrorCodes.BadLiteral, "a string constant holds half of a surrogate pair and cannot be printed. Replace it by a whole character.", innerException: e);
        }
    }

    private static string Decode(List<byte> bytes, SourcePosition start)
    {
        try
        {
            return StrictUtf8.GetString([.. bytes]);
        }
        catch (DecoderFallbackException e)
        {
            throw new GraphException(ErrorCodes.BadLiteral, "the string's bytes are not UTF-8. Write other bytes as a list of int.", start.Line, start.Column, e);
        }
    }
}
