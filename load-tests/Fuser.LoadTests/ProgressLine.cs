namespace Fuser.LoadTests;

/// <summary>Shows how a run stands: on a terminal in one line that is written over again and again, elsewhere in a line every ten seconds.</summary>
/// <param name="output">Where to.</param>
/// <param name="isTerminal">Whether lines can be written over there.</param>
/// <param name="width">Of the terminal.</param>
internal sealed class ProgressLine(TextWriter output, bool isTerminal, int width, TimeProvider clock)
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private long _last = clock.GetTimestamp();
    private int _shown;

    /// <summary>Something that is over as soon as the next one comes.</summary>
    public void Tick(string text)
    {
        lock (_lock)
        {
            if (isTerminal)
            {
                var line = text.Length < width ? text : text[..Math.Max(0, width - 1)];
                output.Write($"\r{line.PadRight(_shown)}");
                _shown = line.Length;
            }
            else if (clock.GetElapsedTime(_last) >= BetweenLines)
            {
                _last = clock.GetTimestamp();
                output.WriteLine($"  ... {text}");
            }
        }
    }

    /// <summary>Something that stays.</summary>
    public void Write(string text)
    {
        lock (_lock)
        {
            if (_shown > 0)
            {
                output.Write($"\r{new string(' ', _shown)}\r");
                _shown = 0;
            }

            output.WriteLine(text);
        }
    }
}
