namespace Fuser.Host.Hocon;

/// <summary>A value as it stands in the text, before substitutions are put in.</summary>
internal abstract class HoconNode(HoconPlace place)
{
    public HoconPlace Place { get; } = place;
}

/// <summary>Text, or a piece of a text: quoted or not, a number, a truth value.</summary>
internal sealed class HoconText(HoconPlace place, string text, bool isQuoted = false, bool isBlank = false) : HoconNode(place)
{
    public string Text { get; } = text;

    /// <summary>Whether it stood in quotes: "null" is a text, null is not.</summary>
    public bool IsQuoted { get; } = isQuoted;

    /// <summary>Whether it is the white space between two values, which counts between texts and not between objects or lists.</summary>
    public bool IsBlank { get; } = isBlank;
}

/// <summary><c>null</c>: takes away what stood there before.</summary>
internal sealed class HoconNull(HoconPlace place) : HoconNode(place);

/// <summary>A list.</summary>
internal sealed class HoconList(HoconPlace place, List<HoconNode> items) : HoconNode(place)
{
    public List<HoconNode> Items { get; } = items;
}

/// <summary><c>${path}</c> or <c>${?path}</c>.</summary>
internal sealed class HoconSubstitution(HoconPlace place, HoconPath path, bool isOptional, HoconPath prefix) : HoconNode(place)
{
    public HoconPath Path { get; } = path;

    public bool IsOptional { get; } = isOptional;

    /// <summary>Where the file it stands in was included; a path means something there first, and only then in the whole.</summary>
    public HoconPath Prefix { get; } = prefix;
}

/// <summary>Values side by side: texts are joined, lists appended, objects merged.</summary>
internal sealed class HoconConcatenation(HoconPlace place, List<HoconNode> pieces) : HoconNode(place)
{
    public List<HoconNode> Pieces { get; } = pieces;
}

/// <summary>An object. A member keeps every value it was given, in order: later ones may refer to earlier ones, or be merged with them.</summary>
internal sealed class HoconObject(HoconPlace place) : HoconNode(place)
{
    private readonly Dictionary<string, List<HoconNode>> _members = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    /// <summary>Names in order of first appearance.</summary>
    public IReadOnlyList<string> Names => _names;

    public IReadOnlyList<HoconNode> Values(string name) => _members.TryGetValue(name, out var values) ? values : [];

    public void Add(string name, HoconNode value)
    {
        if (!_members.TryGetValue(name, out var values))
        {
            _members.Add(name, values = []);
            _names.Add(name);
        }

        values.Add(value);
    }

    /// <summary>Adds all members of another object, as an include does.</summary>
    public void AddAll(HoconObject other)
    {
        foreach (var name in other.Names)
        {
            foreach (var value in other.Values(name))
            {
                Add(name, value);
            }
        }
    }
}
