using System.Collections.Immutable;

namespace Fuser.Kernels.Partitioning.Rules;

/// <summary>What an einsum's equation says of each axis: a letter, or, for an axis under "...", a number counted from the last one on.</summary>
/// <param name="Operands">For each operand the label of each axis.</param>
/// <param name="Result">The labels of the result's axes.</param>
internal sealed record EinsumEquation(ImmutableArray<ImmutableArray<int>> Operands, ImmutableArray<int> Result)
{
    /// <summary>Labels below are letters, from here on axes under "...": the last is this, the one before it one more.</summary>
    private const int FirstEllipsis = 256;

    private const int MostCharacters = 1024;

    /// <exception cref="GraphException">The equation breaks the grammar, or does not fit the operands.</exception>
    public static EinsumEquation Parse(RuleContext c, string text, ImmutableArray<PlanTensor> operands)
    {
        if (text.Length > MostCharacters)
        {
            throw c.Error(ErrorCodes.OperationArgument, $"the equation has {text.Length} characters, at most {MostCharacters} are allowed");
        }

        var sides = text.Replace(" ", "").Split("->");
        var terms = sides[0].Split(',');
        if (sides.Length > 2 || terms.Length != operands.Length)
        {
            throw Wrong(c, text, $"wanted {operands.Length} comma-separated terms and at most one \"->\"");
        }

        ImmutableArray<ImmutableArray<int>> labels = [.. terms.Select((term, i) => Labels(c, text, term, operands[i].Shape.Length))];
        var ellipsis = labels.SelectMany(term => term).Where(label => label >= FirstEllipsis).Distinct().OrderDescending().ToArray();
        var result = sides.Length == 2
            ? Labels(c, text, sides[1], sides[1].Count(char.IsAsciiLetter) + (sides[1].Contains("...") ? ellipsis.Length : 0))
            : [.. ellipsis, .. labels.SelectMany(term => term).Where(label => label < FirstEllipsis).GroupBy(label => label).Where(group => group.Count() == 1).Select(group => group.Key).Order()];
        if (result.Distinct().Count() != result.Length || result.Except(labels.SelectMany(term => term)).Any())
        {
            throw Wrong(c, text, "wanted each letter of the result once, and only letters that stand on the left");
        }

        return new EinsumEquation(labels, result);
    }

    private static ImmutableArray<int> Labels(RuleContext c, string text, string term, int rank)
    {
        var at = term.IndexOf("...", StringComparison.Ordinal);
        var letters = at < 0 ? term : term.Remove(at, 3);
        var covered = rank - letters.Length;
        return !letters.All(char.IsAsciiLetter) ? throw Wrong(c, text, "wanted letters, and \"...\" at most once in each term")
            : covered < 0 || (at < 0 && covered > 0) ? throw Wrong(c, text, $"the term \"{term}\" does not fit a tensor of {rank} axes")
            : at < 0 ? [.. letters.Select(letter => (int)letter)]
            : [.. letters[..at].Select(letter => (int)letter), .. Enumerable.Range(0, covered).Select(i => FirstEllipsis + covered - 1 - i), .. letters[at..].Select(letter => (int)letter)];
    }

    private static GraphException Wrong(RuleContext c, string text, string wanted) => c.Error(ErrorCodes.OperationArgument, $"the equation \"{text}\" cannot be used here: {wanted}");
}
