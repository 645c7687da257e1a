namespace Fuser.Host.Hocon;

/// <summary>What a file of settings may cost. Every limit is checked before the memory is taken.</summary>
internal sealed record HoconLimits
{
    /// <summary>The defaults: far more than any configuration needs.</summary>
    public static HoconLimits Default { get; } = new();

    /// <summary>Length of one file in bytes.</summary>
    public int MaxFileBytes { get; init; } = 1 << 20;

    /// <summary>Depth of objects, lists and path elements within each other.</summary>
    public int MaxNesting { get; init; } = 32;

    /// <summary>Depth of files that include files.</summary>
    public int MaxIncludeDepth { get; init; } = 16;

    /// <summary>Files read in all, included ones more than once if they are included more than once.</summary>
    public int MaxFiles { get; init; } = 100;

    /// <summary>
    /// Steps of putting values together. Substitutions can double a value a few dozen times over; this ends that, as
    /// <see cref="MaxTextLength"/> does for one value.
    /// </summary>
    public int MaxSteps { get; init; } = 1_000_000;

    /// <summary>Length of one value in characters.</summary>
    public int MaxTextLength { get; init; } = 1 << 16;
}
