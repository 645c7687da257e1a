namespace Fuser.Host.Hocon;

/// <summary>A place in a file of settings.</summary>
/// <param name="File">Path as it was given.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 code units.</param>
internal readonly record struct HoconPlace(string File, int Line, int Column)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}, line {Line}, col {Column}";
}
