using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Fuser.Kernels.Graphs.Text;

/// <summary>
/// Reads literals. The declared type decides where the text alone does not: <c>1</c> is a bool for <c>bool</c> and a float for
/// <c>float</c>.
/// </summary>
internal sealed class ConstantTextParser(GraphTextReader reader)
{
    private static readonly ImmutableArray<IntConstant> SmallInts = [.. Enumerable.Range(-8, 72).Select(static i => new IntConstant(i))];
    private int _items;

    /// <summary>Literal items read so far, which count as values.</summary>
    public int Items => _items;

    /// <summary>Reads a literal up to the comma or bracket after it.</summary>
    /// <param name="type">Declared type, or null when there is none.</param>
    public ConstantValue Parse(GraphType? type)
    {
        var mark = reader.Mark();
        var items = _items;
        type = type is OptionalType optional ? optional.Element : type;
        if (TryLiteral(type, out var constant))
        {
            reader.SkipBlanksInLine();
            if (reader.Next is ',' or ']')
            {
                return constant;
            }
        }

        // What is no literal of ours is kept as text: printed tensors, dictionaries, complex numbers, "<Tensor>".
        _items = items;
        reader.Return(mark);
        RawText.SkipLiteral(reader);
        var text = reader.Since(mark);
        return text.IsWhiteSpace()
            ? throw GraphTextReader.Error(ErrorCodes.BadLiteral, "the attribute has no value. Write one after '=', such as value=1.", new SourcePosition(mark.Line, mark.Index - mark.LineStart + 1))
            : new OpaqueConstant(text.ToString());
    }

    private bool TryLiteral(GraphType? type, [NotNullWhen(true)] out ConstantValue? constant)
    {
        reader.SkipBlanksInLine();
        constant = null;
        if (++_items > reader.Limits.MaxValues)
        {
            throw reader.TooMuch("the graph", reader.Limits.MaxValues, "values and literals", nameof(GraphTextLimits.MaxValues));
        }

        switch (reader.Next)
        {
            case '"' or '\'':
                constant = new StringConstant(StringText.Parse(reader));
                return true;
            case '[':
                return TryList((type as ListType)?.Element, out constant);
            case '{':
                return TryTensor(out constant);
            case 'T' when reader.TryTakeWord("True"):
                constant = new BoolConstant(true);
                return true;
            case 'F' when reader.TryTakeWord("False"):
                constant = new BoolConstant(false);
                return true;
            default:
                return TryNumber(type, out constant);
        }
    }

    private bool TryList(GraphType? element, [NotNullWhen(true)] out ConstantValue? constant)
    {
        constant = null;
        reader.Enter();
        reader.Advance(1);
        var items = ImmutableArray.CreateBuilder<ConstantValue>();
        if (!reader.TryTake(']'))
        {
            do
            {
                if (items.Count >= reader.Limits.MaxListLength)
                {
                    throw reader.TooMuch("a list", reader.Limits.MaxListLength, "items", nameof(GraphTextLimits.MaxListLength));
                }

                if (!TryLiteral(element, out var item))
                {
                    reader.Leave();
                    return false;
                }

                items.Add(item);
            }
            while (reader.TryTake(','));
            if (!reader.TryTake(']'))
            {
                reader.Leave();
                return false;
            }
        }

        reader.Leave();
        constant = new ListConstant(items.DrainToImmutable());
        return true;
    }

    private bool TryTensor([NotNullWhen(true)] out ConstantValue? constant)
    {
        reader.Advance(1);
        constant = TryNumber(null, out var item) && reader.TryTake('}') ? new TensorConstant(item) : null;
        return constant is not null;
    }

    private bool TryNumber(GraphType? type, [NotNullWhen(true)] out ConstantValue? constant)
    {
        constant = null;
        var position = reader.Position;
        var text = NumberText(out var isWhole);
        if (text.IsEmpty)
        {
            return false;
        }

        if (type is FloatType || !isWhole)
        {
            constant = new FloatConstant(text is "nan" or "-nan" ? double.NaN
                : text is "inf" ? double.PositiveInfinity
                : text is "-inf" ? double.NegativeInfinity
                : FloatText.Parse(text));
            return true;
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
        {
            throw GraphTextReader.Error(ErrorCodes.BadLiteral, $"{text} does not fit in an int of 64 bits. Declare the value as float, or make it smaller.", position);
        }

        if (type is BoolType)
        {
            constant = number is 0 or 1
                ? new BoolConstant(number == 1)
                : throw GraphTextReader.Error(ErrorCodes.BadLiteral, $"a bool is 0 or 1, got {text}. Declare the value as int, or use 0 or 1.", position);
            return true;
        }

        constant = number >= -8 && number < SmallInts.Length - 8 ? SmallInts[(int)number + 8] : new IntConstant(number);
        return true;
    }

    /// <summary>Passes a number; empty, with nothing passed, when none comes next.</summary>
    private ReadOnlySpan<char> NumberText(out bool isWhole)
    {
        var rest = reader.Rest[..Math.Min(reader.Rest.Length, reader.Limits.MaxNameLength + 1)];
        var sign = rest is ['-' or '+', ..] ? 1 : 0;
        isWhole = false;
        var length = rest[sign..].StartsWith("inf") || rest[sign..].StartsWith("nan") ? sign + 3 : Decimal(rest, sign, out isWhole);
        if (length > reader.Limits.MaxNameLength)
        {
            throw reader.TooMuch("a number", reader.Limits.MaxNameLength, "characters", nameof(GraphTextLimits.MaxNameLength));
        }

        reader.Advance(length);
        return rest is ['+', ..] ? rest[Math.Min(1, length)..length] : rest[..length];
    }

    private static int Decimal(ReadOnlySpan<char> text, int start, out bool isWhole)
    {
        var end = Digits(text, start);
        var digits = end - start;
        isWhole = true;
        if (end < text.Length && text[end] == '.')
        {
            isWhole = false;
            var fraction = Digits(text, end + 1);
            digits += fraction - end - 1;
            end = fraction;
        }

        if (digits == 0)
        {
            return 0;
        }

        if (end < text.Length && (text[end] is 'e' or 'E'))
        {
            var exponent = end + (end + 1 < text.Length && (text[end + 1] is '+' or '-') ? 2 : 1);
            var last = Digits(text, Math.Min(exponent, text.Length));
            if (last > exponent)
            {
                isWhole = false;
                end = last;
            }
        }

        return end;
    }

    private static int Digits(ReadOnlySpan<char> text, int start)
    {
        while (start < text.Length && char.IsAsciiDigit(text[start]))
        {
            start++;
        }

        return start;
    }
}
