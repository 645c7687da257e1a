using System.Collections.Immutable;

namespace Fuser.Kernels.Operations.Schemas;

/// <summary>A place for an argument or a result.</summary>
/// <param name="Text">As the notation has it.</param>
/// <param name="Name">Empty for results.</param>
/// <param name="Kinds">What may stand there.</param>
/// <param name="MayBeAbsent">A trailing argument with a default.</param>
/// <param name="Repeats">Any number of values may stand there.</param>
internal sealed record SchemaPlace(string Text, string Name, ValueKinds Kinds, bool MayBeAbsent, bool Repeats);

/// <summary>
/// One form of an operation: how many arguments of which kinds it takes, and what it gives. In the notation of PyTorch's schemas:
/// <c>Tensor self, int[] dim, bool keepdim=False -&gt; Tensor</c>. A type is Tensor, a number (int, float, bool, Scalar), str, a list (Tensor[], int[], t[]; where
/// numbers are listed a single one will do), tuple, or t, which is anything; a bar separates two of them; a question mark, or the default None, allows None.
/// Three dots stand for any number of values.
/// </summary>
internal sealed class Schema
{
    private readonly string _text;
    private readonly Counts _arguments;
    private readonly Counts _results;

    public Schema(ImmutableArray<SchemaPlace> parameters, ImmutableArray<SchemaPlace> results)
    {
        (Parameters, Results) = (parameters, results);
        (_arguments, _results) = (Counts.Of(parameters), Counts.Of(results));
        _text = $"({string.Join(", ", parameters.Select(place => place.Text))}) -> ({string.Join(", ", results.Select(place => place.Text))})";
    }

    public ImmutableArray<SchemaPlace> Parameters { get; }

    public ImmutableArray<SchemaPlace> Results { get; }

    /// <summary>Whether so many arguments and results fit.</summary>
    public bool Fits(int arguments, int results) => _arguments.Holds(arguments) && _results.Holds(results);

    /// <summary>The place of an argument: those behind the last place that repeats stand in it.</summary>
    public SchemaPlace Parameter(int index) => Parameters[Math.Min(index, Parameters.Length - 1)];

    /// <summary>The place of a result.</summary>
    public SchemaPlace Result(int index) => Results[Math.Min(index, Results.Length - 1)];

    /// <inheritdoc/>
    public override string ToString() => _text;

    public static Schema Parse(string text)
    {
        var halves = text.Split("->");
        return new Schema(Places(halves[0], ParseParameter), Places(halves[1], ParseResult));
    }

    /// <summary>The form in which an elementwise operation takes its parameters.</summary>
    public static Schema Of(Operation operation) => new(
        [.. operation.Parameters.Select(parameter => new SchemaPlace(parameter.ToString(), parameter.Name, KindsOf(parameter), parameter.HasDefault, Repeats: false))],
        [new SchemaPlace("Tensor", "", ValueKinds.Tensor, MayBeAbsent: false, Repeats: false)]);

    private static ImmutableArray<SchemaPlace> Places(string list, Func<string, SchemaPlace> parse) =>
        [.. list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(parse)];

    private static SchemaPlace ParseParameter(string text)
    {
        var (type, rest) = (text[..text.IndexOf(' ')], text[(text.IndexOf(' ') + 1)..]);
        var assignment = rest.IndexOf('=');
        var hasDefault = assignment >= 0;
        var kinds = KindsOf(type.TrimEnd('.')) | (hasDefault && rest[(assignment + 1)..] == "None" ? ValueKinds.None : ValueKinds.Nothing);
        return new SchemaPlace(text, hasDefault ? rest[..assignment] : rest, kinds, hasDefault, type.EndsWith("...", StringComparison.Ordinal));
    }

    private static SchemaPlace ParseResult(string text) =>
        new(text, "", KindsOf(text.TrimEnd('.')), MayBeAbsent: false, text.EndsWith("...", StringComparison.Ordinal));

    private static ValueKinds KindsOf(string type) => type switch
    {
        "Tensor" => ValueKinds.Tensor,
        "int" or "float" or "bool" or "Scalar" => ValueKinds.Number,
        "str" => ValueKinds.Text,
        "tuple" => ValueKinds.Tuple,
        "t" => ValueKinds.Any,
        "int[]" or "float[]" => ValueKinds.List | ValueKinds.Number,
        _ when type.Contains('|') => type.Split('|').Aggregate(ValueKinds.Nothing, (kinds, one) => kinds | KindsOf(one)),
        _ when type.EndsWith('?') => ValueKinds.None | KindsOf(type[..^1]),
        _ when type.EndsWith("[]", StringComparison.Ordinal) => ValueKinds.List,
        _ => throw new ArgumentException($"'{type}' is no type of the notation", nameof(type)),
    };

    private static ValueKinds KindsOf(Parameter parameter) => (parameter.Optional ? ValueKinds.None : ValueKinds.Nothing) | parameter.Kind switch
    {
        ParameterKind.Tensor or ParameterKind.Condition => ValueKinds.Tensor,
        ParameterKind.Operand => ValueKinds.Tensor | ValueKinds.Number,
        ParameterKind.Number => ValueKinds.Number,
        ParameterKind.Constant => ValueKinds.Number | ValueKinds.Text,
        ParameterKind.Like => ValueKinds.Tensor | ValueKinds.Number | ValueKinds.Text,
        _ => ValueKinds.Any,
    };

    /// <summary>How many values places are for; known once, because every node of a graph asks.</summary>
    private readonly record struct Counts(int Least, int Most)
    {
        public static Counts Of(ImmutableArray<SchemaPlace> places) => new(
            places.Count(place => !place.MayBeAbsent && !place.Repeats),
            places is [.., { Repeats: true }] ? int.MaxValue : places.Length);

        public bool Holds(int count) => count >= Least && count <= Most;
    }
}
