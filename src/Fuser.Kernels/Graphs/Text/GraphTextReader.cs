using System.Globalization;
using System.Runtime.CompilerServices;

namespace Fuser.Kernels.Graphs.Text;

/// <summary>The characters of a graph text, a place in them, and the errors that name that place.</summary>
internal sealed class GraphTextReader
{
    private readonly string _text;
    private int _index;

    // The line is counted as the reader moves on, so that a position costs nothing.
    private int _line = 1;
    private int _lineStart;
    private int _nesting;

    public GraphTextReader(string text, GraphTextLimits limits)
    {
        ArgumentNullException.ThrowIfNull(text);
        Limits = limits;
        if (text.Length > limits.MaxCharacters)
        {
            throw new GraphException(
                ErrorCodes.GraphTextTooLong,
                $"the graph text has {text.Length} characters; at most {limits.MaxCharacters} are read. Split the graph, or raise {nameof(GraphTextLimits.MaxCharacters)}.");
        }

        _text = text;
        _index = text is ['\uFEFF', ..] ? 1 : 0;
        _lineStart = _index;
    }

    public GraphTextLimits Limits { get; }

    public bool AtEnd => _index >= _text.Length;

    /// <summary>The next character, or NUL at the end. A NUL in the text fits nowhere in the grammar, so the two need no telling apart.</summary>
    public char Next => _index < _text.Length ? _text[_index] : '\0';

    public SourcePosition Position => new(_line, _index - _lineStart + 1);

    public ReadOnlySpan<char> Rest => _text.AsSpan(_index);

    /// <summary>A place to come back to.</summary>
    public (int Index, int Line, int LineStart) Mark() => (_index, _line, _lineStart);

    public void Return((int Index, int Line, int LineStart) mark) => (_index, _line, _lineStart) = mark;

    public ReadOnlySpan<char> Since((int Index, int Line, int LineStart) mark) => _text.AsSpan(mark.Index, _index - mark.Index);

    /// <summary>Moves on; the characters passed must not contain a line end.</summary>
    public void Advance(int count) => _index += count;

    /// <summary>Passes blanks, line ends and comments.</summary>
    public void SkipBlanks()
    {
        while (_index < _text.Length)
        {
            switch (_text[_index])
            {
                case '\n':
                    _index++;
                    _line++;
                    _lineStart = _index;
                    break;
                case ' ' or '\t' or '\r':
                    _index++;
                    break;
                case '#':
                    SkipLine();
                    break;
                default:
                    return;
            }
        }
    }

    /// <summary>Passes blanks up to the end of the line.</summary>
    public void SkipBlanksInLine()
    {
        while (Next is ' ' or '\t' or '\r')
        {
            _index++;
        }
    }

    /// <summary>The rest of the line without its end; the reader stands on the line end after it.</summary>
    public ReadOnlySpan<char> SkipLine()
    {
        var rest = Rest;
        var length = rest.IndexOf('\n');
        length = length < 0 ? rest.Length : length;
        _index += length;
        return rest[..length];
    }

    public bool TryTake(char expected)
    {
        SkipBlanks();
        if (AtEnd || _text[_index] != expected)
        {
            return false;
        }

        _index++;
        return true;
    }

    public void Expect(char expected, string where)
    {
        if (!TryTake(expected))
        {
            throw Error(ErrorCodes.GraphSyntax, $"expected '{expected}' {where}, got {DescribeNext()}.");
        }
    }

    /// <summary>Takes the word if exactly that word comes next.</summary>
    public bool TryTakeWord(string word)
    {
        SkipBlanks();
        if (!Rest.StartsWith(word) || GraphNames.WordLength(Rest[..Math.Min(Rest.Length, word.Length + 1)]) != word.Length)
        {
            return false;
        }

        _index += word.Length;
        return true;
    }

    /// <summary>Takes the word that comes next.</summary>
    /// <param name="what">What the word is, for the error.</param>
    public ReadOnlySpan<char> Word(string what)
    {
        SkipBlanks();
        return WordHere(what);
    }

    /// <summary>Takes the word that follows without a blank between.</summary>
    /// <param name="what">What the word is, for the error.</param>
    public ReadOnlySpan<char> WordHere(string what)
    {
        var word = PeekWord();
        if (word.IsEmpty)
        {
            throw Error(ErrorCodes.GraphSyntax, $"expected {what}, got {DescribeNext()}.");
        }

        _index += word.Length;
        return word;
    }

    /// <summary>The word that comes next, empty when none does. A word over the limit is an error.</summary>
    public ReadOnlySpan<char> PeekWord()
    {
        // Looking three characters past the limit is enough to see that it is exceeded, and keeps an endless word cheap.
        var window = Rest[..Math.Min(Rest.Length, Limits.MaxNameLength + 3)];
        var length = GraphNames.WordLength(window);
        if (length > Limits.MaxNameLength)
        {
            throw TooMuch("a name", Limits.MaxNameLength, "characters", nameof(GraphTextLimits.MaxNameLength));
        }

        return window[..length];
    }

    /// <summary>Counts one level of nesting; the caller leaves it with <see cref="Leave"/>.</summary>
    public void Enter()
    {
        if (++_nesting > Limits.MaxNesting || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw TooMuch("nesting", Limits.MaxNesting, "levels", nameof(GraphTextLimits.MaxNesting));
        }
    }

    public void Leave() => _nesting--;

    public GraphException TooMuch(string what, int limit, string unit, string limitName)
        => Error(ErrorCodes.GraphLimit, $"{what} goes beyond {limit} {unit}. Make the graph smaller, or raise {limitName}.");

    public GraphException Error(string code, string message) => Error(code, message, Position);

    public static GraphException Error(string code, string message, SourcePosition at) => new(code, message, at.Line, at.Column);

    /// <summary>What comes next, in words, for an error message.</summary>
    public string DescribeNext()
    {
        if (AtEnd)
        {
            return "the end of the text";
        }

        var next = Next;
        if (next is '\n' or '\r')
        {
            return "the end of the line";
        }

        if (char.IsControl(next) || char.IsSurrogate(next))
        {
            return "U+" + ((int)next).ToString("X4", CultureInfo.InvariantCulture);
        }

        var length = GraphNames.WordLength(Rest[..Math.Min(Rest.Length, 24)]);
        return $"'{Rest[..Math.Max(1, length)]}'";
    }
}
