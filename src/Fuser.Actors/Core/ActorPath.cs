namespace Fuser.Actors.Core;

/// <summary>The place of an actor in the tree of its system, printed as <c>/user/kernel-cache/spec-1</c>.</summary>
public sealed class ActorPath : IEquatable<ActorPath>
{
    internal const int MaxNameLength = 128;

    private string? _text;

    internal ActorPath(string system, ActorPath? parent, string name)
    {
        System = system;
        Parent = parent;
        Name = name;
    }

    /// <summary>Name of the actor system.</summary>
    public string System { get; }

    /// <summary>Path of the parent; null at the top of the tree.</summary>
    public ActorPath? Parent { get; }

    /// <summary>Name among the siblings.</summary>
    public string Name { get; }

    /// <summary>The path without the system's name.</summary>
    public override string ToString() => _text ??= $"{Parent}/{Name}";

    /// <inheritdoc/>
    public bool Equals(ActorPath? other) =>
        other is not null && (ReferenceEquals(this, other) || (System == other.System && ToString() == other.ToString()));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ActorPath);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(System, ToString());

    internal ActorPath Child(string name) => new(System, this, name);

    // The rule of a URL segment without escapes, so that a path can stand in a log line, a metric tag or an address unchanged.
    internal static bool IsValidName(string name)
    {
        if (name.Length is 0 or > MaxNameLength)
        {
            return false;
        }

        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && !"-_.$:+@".Contains(c, StringComparison.Ordinal))
            {
                return false;
            }
        }

        return true;
    }
}
