namespace Fuser.Host.Hocon;

/// <summary>
/// Parses one file into nodes. The grammar is that of the HOCON specification without lists at the root, <c>include</c> of anything but
/// files, and includes inside lists; those are refused by name.
/// </summary>
internal sealed class HoconParser
{
    private readonly HoconCursor _cursor;
    private readonly HoconLimits _limits;
    private readonly HoconPath _filePrefix;
    private readonly Func<HoconInclude, HoconPath, HoconObject?> _include;
    private int _depth;
    private int _listDepth;

    /// <param name="filePrefix">Where the file is included; empty for the first file.</param>
    /// <param name="include">Gives the content of a file that is included at a path, or null when it is missing and may be.</param>
    public HoconParser(string file, string text, HoconPath filePrefix, HoconLimits limits, Func<HoconInclude, HoconPath, HoconObject?> include)
    {
        _cursor = new HoconCursor(file, text);
        _filePrefix = filePrefix;
        _limits = limits;
        _include = include;
    }

    public HoconObject Parse()
    {
        _cursor.SkipLines();
        if (_cursor.Current == '[')
        {
            throw _cursor.Error("the file is a list; settings are an object");
        }

        HoconObject root;
        if (_cursor.Current == '{')
        {
            root = Object(_filePrefix);
        }
        else
        {
            root = new HoconObject(_cursor.Place);
            Members(root, _filePrefix);
        }

        _cursor.SkipLines();
        return _cursor.AtEnd ? root : throw _cursor.Error(_cursor.Current == '}' ? "got '}' without a '{' before it" : $"got {_cursor.Here} after the end of the object");
    }

    private HoconObject Object(HoconPath path)
    {
        var result = new HoconObject(_cursor.Place);
        Enter();
        Members(result, path);
        if (!_cursor.TryTake('}'))
        {
            throw _cursor.Error($"got {_cursor.Here}, wanted '}}' to close the '{{' of line {result.Place.Line}");
        }

        _depth--;
        return result;
    }

    private HoconList List(HoconPath path)
    {
        var result = new HoconList(_cursor.Place, []);
        Enter();
        _listDepth++;
        for (_cursor.SkipLines(); _cursor.Current != ']'; Separator(']'))
        {
            result.Items.Add(Value(path));
        }

        _cursor.Take();
        _listDepth--;
        _depth--;
        return result;
    }

    private void Enter()
    {
        if (++_depth > _limits.MaxNesting)
        {
            throw _cursor.Error($"objects and lists are nested deeper than {_limits.MaxNesting}");
        }

        _cursor.Take();
    }

    private void Members(HoconObject target, HoconPath path)
    {
        for (_cursor.SkipLines(); !_cursor.AtEnd && _cursor.Current != '}'; Separator('}'))
        {
            if (HoconInclude.TryTake(_cursor, _limits) is not { } include)
            {
                Member(target, path);
                continue;
            }

            if (_listDepth > 0)
            {
                throw new HoconException(include.Place, "a file cannot be included inside a list, where its substitutions have no place to start from");
            }

            if (_include(include, path) is { } content)
            {
                target.AddAll(content);
            }
        }
    }

    /// <summary>Between two members or items stands a comma, ends of lines, or both; one comma may also stand behind the last.</summary>
    private void Separator(char close)
    {
        var lines = _cursor.SkipLines();
        var comma = _cursor.TryTake(',');
        _cursor.SkipLines();
        if (comma && _cursor.Current == ',')
        {
            throw _cursor.Error("got ',' after ','; remove one");
        }

        if (lines || comma || _cursor.Current == close || (close == '}' && _cursor.AtEnd))
        {
            return;
        }

        throw _cursor.Error(_cursor.Current is ':' or '=' or '+'
            ? $"got {_cursor.Here} in a value; put text with that character in double quotes"
            : $"got {_cursor.Here}, wanted ',', a new line or '{close}'");
    }

    private void Member(HoconObject target, HoconPath path)
    {
        var place = _cursor.Place;
        var key = HoconPathParser.Take(_cursor, _limits);
        var append = _cursor.Current == '+' && _cursor.Peek(1) == '=';
        if (append)
        {
            _cursor.Skip(2);
        }
        else if (_cursor.Current != '{' && !_cursor.TryTake('=') && !_cursor.TryTake(':'))
        {
            throw _cursor.Error($"got {_cursor.Here} after the key '{key}', wanted '=', ':', '+=' or '{{'");
        }

        _cursor.SkipLines();
        var full = key.Below(path);
        if (full.Names.Length + _depth > _limits.MaxNesting)
        {
            throw new HoconException(place, $"keys are nested deeper than {_limits.MaxNesting}");
        }

        var value = Value(full);
        if (append)
        {
            value = Appended(value, key, path);
        }

        for (var i = key.Names.Length - 1; i > 0; i--)
        {
            var outer = new HoconObject(place);
            outer.Add(key.Names[i], value);
            value = outer;
        }

        target.Add(key.Names[0], value);
    }

    /// <summary>The specification defines <c>key += value</c> as <c>key = ${?key} [value]</c>.</summary>
    private HoconConcatenation Appended(HoconNode value, HoconPath key, HoconPath path)
    {
        if (_listDepth > 0)
        {
            throw new HoconException(value.Place, "'+=' cannot stand inside a list, where the key has no path to look up; write the whole list");
        }

        var itself = new HoconSubstitution(value.Place, key.Below(path), isOptional: true, new HoconPath([]));
        return new HoconConcatenation(value.Place, [itself, new HoconList(value.Place, [value])]);
    }

    private HoconNode Value(HoconPath path)
    {
        var place = _cursor.Place;
        var pieces = new List<HoconNode>();
        for (var blanks = ""; ; blanks = _cursor.TakeBlanks())
        {
            if (_cursor.AtEnd || _cursor.AtComment || "\n,}]".Contains(_cursor.Current) || (pieces.Count > 0 && _cursor.Current is ':' or '=' or '+'))
            {
                break;
            }

            if (blanks.Length > 0)
            {
                pieces.Add(new HoconText(_cursor.Place, blanks, isBlank: true));
            }

            pieces.Add(Piece(path));
        }

        return pieces switch
        {
            [] => throw _cursor.Error($"got {_cursor.Here}, wanted a value"),
            [HoconText { Text: "null", IsQuoted: false }] => new HoconNull(place),
            [var single] => single,
            _ => new HoconConcatenation(place, pieces),
        };
    }

    private HoconNode Piece(HoconPath path)
    {
        var place = _cursor.Place;
        return _cursor.Current switch
        {
            '{' => Object(path),
            '[' => List(path),
            '$' => Substitution(),
            '"' => new HoconText(place, HoconStrings.TakeQuoted(_cursor, _limits), isQuoted: true),
            _ => new HoconText(place, HoconStrings.TakeUnquoted(_cursor, _limits)),
        };
    }

    private HoconSubstitution Substitution()
    {
        var place = _cursor.Place;
        if (!_cursor.StartsWith("${"))
        {
            throw _cursor.Error("got '$' without '{'; write ${path} for the value of a path, or put the text in double quotes");
        }

        _cursor.Skip(2);
        var isOptional = _cursor.TryTake('?');
        _cursor.TakeBlanks();
        var path = HoconPathParser.Take(_cursor, _limits);
        return _cursor.TryTake('}')
            ? new HoconSubstitution(place, path, isOptional, _filePrefix)
            : throw _cursor.Error($"got {_cursor.Here} in the substitution, wanted '}}'");
    }
}
