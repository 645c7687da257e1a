using System.Buffers;
using System.Collections.Immutable;

namespace Fuser.Host.Hocon;

/// <summary>A path expression such as <c>a.b."c.d"</c>: the names on the way to a value.</summary>
internal readonly record struct HoconPath(ImmutableArray<string> Names)
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create(" .\"{}[]:=,+#$");

    /// <summary>The path as environment variables are looked up by it: <c>HOME</c> is a path of one name.</summary>
    public string Plain => string.Join('.', Names);

    /// <summary>This path below another.</summary>
    public HoconPath Below(HoconPath prefix) => new(prefix.Names.AddRange(Names));

    /// <inheritdoc/>
    public override string ToString() =>
        string.Join('.', Names.Select(static name => name.Length == 0 || name.AsSpan().ContainsAny(Quoted) ? $"\"{name}\"" : name));
}
