using System.Collections.Immutable;
using System.Globalization;
using Fuser.Kernels;

namespace Fuser.Host.Npy;

/// <summary>
/// Reads the header of a .npy file: a Python dictionary literal with exactly the keys descr, fortran_order and shape. Nothing else of
/// Python is understood, on purpose: the text comes from outside.
/// </summary>
internal ref struct NpyHeaderParser
{
    /// <summary>Axes at most; NumPy's own limit since 2.0.</summary>
    public const int MaxRank = 64;

    private readonly ReadOnlySpan<char> _text;
    private readonly string _file;
    private readonly int _start;
    private int _index;

    private NpyHeaderParser(ReadOnlySpan<char> text, string file, int start)
    {
        _text = text;
        _file = file;
        _start = start;
    }

    /// <summary>Parses a header.</summary>
    /// <param name="text">The dictionary and whatever padding follows it.</param>
    /// <param name="file">Name of the file, for errors.</param>
    /// <param name="start">Position of the text in the file, for errors.</param>
    /// <exception cref="InputException">The text is no such dictionary, or describes an array that cannot be had here.</exception>
    public static NpyHeader Parse(ReadOnlySpan<char> text, string file, int start) => new NpyHeaderParser(text, file, start).Parse();

    private NpyHeader Parse()
    {
        string? code = null;
        bool? fortranOrder = null;
        ImmutableArray<long>? shape = null;
        Expect('{');
        while (!TryTake('}'))
        {
            var key = String();
            Expect(':');
            switch (key)
            {
                case "descr" when code is null:
                    code = ElementCode();
                    break;
                case "fortran_order" when fortranOrder is null:
                    fortranOrder = Boolean();
                    break;
                case "shape" when shape is null:
                    shape = Tuple();
                    break;
                default:
                    throw Error($"got key '{OutsideText.Shown(key, 40)}'; wanted descr, fortran_order and shape, each once");
            }

            if (!TryTake(','))
            {
                Expect('}');
                break;
            }
        }

        SkipBlanks();
        return _index < _text.Length ? throw Error($"got {Next()} after the dictionary")
            : code is null || fortranOrder is null || shape is null ? throw Error("descr, fortran_order or shape is missing")
            : new NpyHeader(NpyElementType.Parse(code, _file), fortranOrder.Value, shape.Value);
    }

    private string ElementCode()
    {
        SkipBlanks();
        return _index < _text.Length && _text[_index] == '['
            ? throw Error("the elements are records with several fields, which graphs do not have. Save each field as an array of its own")
            : String();
    }

    private string String()
    {
        SkipBlanks();
        var quote = _index < _text.Length ? _text[_index] : '\0';
        if (quote is not ('\'' or '"'))
        {
            throw Error($"got {Next()}, wanted a quoted string");
        }

        var rest = _text[++_index..];
        var length = rest.IndexOf(quote);
        if (length < 0)
        {
            throw Error("a string has no closing quote");
        }

        if (rest[..length].Contains('\\'))
        {
            throw Error("a string has an escape, which no key or element type has");
        }

        _index += length + 1;
        return rest[..length].ToString();
    }

    private bool Boolean()
    {
        SkipBlanks();
        var rest = _text[_index..];
        var value = rest.StartsWith("True");
        if (!value && !rest.StartsWith("False"))
        {
            throw Error($"got {Next()}, wanted True or False");
        }

        _index += value ? 4 : 5;
        return value;
    }

    private ImmutableArray<long> Tuple()
    {
        var sizes = ImmutableArray.CreateBuilder<long>();
        var comma = true;
        Expect('(');
        while (!TryTake(')'))
        {
            if (!comma)
            {
                throw Error($"got {Next()}, wanted ',' or ')' in the shape");
            }

            if (sizes.Count == MaxRank)
            {
                throw Error($"the shape has more than {MaxRank} axes");
            }

            sizes.Add(Size());
            comma = TryTake(',');
        }

        // Python reads "(3)" as the number 3.
        return sizes.Count == 1 && !comma ? throw Error("the shape is a number in brackets, wanted a tuple such as (3,)") : sizes.ToImmutable();
    }

    private long Size()
    {
        SkipBlanks();
        var length = 0;
        while (_index + length < _text.Length && char.IsAsciiDigit(_text[_index + length]))
        {
            length++;
        }

        if (length == 0)
        {
            throw Error($"got {Next()}, wanted a size of 0 or more in the shape");
        }

        if (!long.TryParse(_text.Slice(_index, length), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
        {
            throw Error("a size does not fit 63 bits");
        }

        _index += length;

        // Python 2 wrote long integers with an L.
        _ = _index < _text.Length && _text[_index] == 'L' ? _index++ : 0;
        return size;
    }

    private bool TryTake(char wanted)
    {
        SkipBlanks();
        var found = _index < _text.Length && _text[_index] == wanted;
        _index += found ? 1 : 0;
        return found;
    }

    private void Expect(char wanted)
    {
        if (!TryTake(wanted))
        {
            throw Error($"got {Next()}, wanted '{wanted}'");
        }
    }

    private void SkipBlanks()
    {
        while (_index < _text.Length && _text[_index] is ' ' or '\n' or '\t' or '\r')
        {
            _index++;
        }
    }

    private readonly string Next() => _index < _text.Length ? $"'{OutsideText.Shown(_text.Slice(_index, 1).ToString())}'" : "the end of the header";

    private readonly InputException Error(string message) =>
        new(ErrorCodes.FileFormat, $"'{_file}', byte {_start + _index}: the .npy header is wrong: {message}. Save the array again with numpy.save.");
}
