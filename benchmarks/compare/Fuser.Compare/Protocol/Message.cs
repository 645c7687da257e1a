namespace Fuser.Compare.Protocol;

/// <summary>
/// A request to a worker or its answer: a word and fields, on one line, with tabs between them. Answers are <c>ok</c>, <c>refused</c>
/// (the peer cannot do this, and says why) or <c>failed</c> (it tried).
/// </summary>
internal sealed record Message(string Word, IReadOnlyList<string> Fields)
{
    public const string Ok = "ok";
    public const string Refused = "refused";
    public const string Failed = "failed";

    public bool IsOk => Word == Ok;

    /// <summary>Why an answer is not ok.</summary>
    public string Reason => Fields.Count > 0 && Fields[0].Length > 0 ? Fields[0] : $"the worker answered '{Word}'";

    public static Message Of(string word, params IEnumerable<string> fields) => new(word, [.. fields]);

    /// <summary>As it is sent. What would end a field or the line is replaced: texts of errors come from anywhere.</summary>
    public string ToLine() => string.Join('\t', Fields.Prepend(Word).Select(field => field.ReplaceLineEndings(" / ").Replace('\t', ' ')));

    public static Message Parse(string line)
    {
        var fields = line.Split('\t');
        return new Message(fields[0], fields[1..]);
    }
}
