namespace Fuser.Host.Commands;

/// <summary>Where a command writes.</summary>
/// <param name="Out">Results, and nothing else.</param>
/// <param name="Error">Errors, one line each.</param>
/// <param name="IsInteractive">Whether a person looks at <paramref name="Out"/>: only then are tables drawn.</param>
/// <param name="HasColour">Whether they may have colours (the NO_COLOR convention).</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool IsInteractive, bool HasColour)
{
    /// <summary>The streams of this process.</summary>
    public static Terminal OfProcess() => new(
        Console.Out,
        Console.Error,
        !Console.IsOutputRedirected,
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));
}
