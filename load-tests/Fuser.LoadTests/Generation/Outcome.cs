namespace Fuser.LoadTests.Generation;

/// <summary>How one request ended.</summary>
internal enum Outcome
{
    /// <summary>With the expected bits.</summary>
    Right,

    /// <summary>With a named error.</summary>
    Error,

    /// <summary>With other bits.</summary>
    Wrong,
}

/// <summary>What became of all requests of a run.</summary>
/// <param name="Sent">Requests that were started.</param>
/// <param name="Unsent">Requests that were due and not started, because as many as allowed were under way.</param>
/// <param name="Lost">Requests that never ended: neither an answer nor an error.</param>
/// <param name="Duplicated">Answers beyond the first to a request.</param>
internal sealed record Tally(long Sent, long Unsent, long Right, long Errors, long Wrong, long Lost, long Duplicated)
{
    /// <summary>Whether nothing happened that must not happen under any load.</summary>
    public bool IsSound => Wrong == 0 && Lost == 0 && Duplicated == 0;

    public static Tally operator +(Tally a, Tally b) => new(
        a.Sent + b.Sent, a.Unsent + b.Unsent, a.Right + b.Right, a.Errors + b.Errors, a.Wrong + b.Wrong, a.Lost + b.Lost, a.Duplicated + b.Duplicated);

    public static Tally Zero { get; } = new(0, 0, 0, 0, 0, 0, 0);
}
